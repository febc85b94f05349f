"""infra/deploy on an emulated account: three stacks in order, shown before they change, and the way back."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.deployment.deploying import STACKS, Deployment
from infra.deployment.errors import CannotDeploy, NotConfirmed
from infra.deployment.stacks import CloudFormation
from infra.local.reaper import Reaper
from tests.support.account import Account, account, templates_for_emulator
from tests.support.templates import of_type, read_template

FIRST, SECOND = (
    "123.dkr.ecr.us-east-1.amazonaws.com/aiprism:1",
    "123.dkr.ecr.us-east-1.amazonaws.com/aiprism:2",
)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory, reaper: Reaper) -> Iterator[Account]:
    with account(tmp_path_factory.mktemp("account"), reaper) as made:
        yield made


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return templates_for_emulator(tmp_path_factory.mktemp("templates"))


class Desk:
    """Somebody at a terminal: hears what is said and gives the next answer."""

    def __init__(self, aws: Account, templates: Path, *answers: bool) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        self._answers = list(answers)
        self._cloud = CloudFormation(aws.client("cloudformation"), poll_s=0.05, timeout_s=60)
        self._templates = templates

    def deployment(self, env: str, *, assumed: bool = False) -> Deployment:
        return Deployment(
            env, self._cloud, self._templates, say=self.said.append, ask=self._answer, assumed=assumed
        )

    def _answer(self, question: str) -> bool:
        self.asked.append(question)
        return self._answers.pop(0)

    def heard(self, words: str) -> bool:
        return any(words in line for line in self.said)


def given(aws: Account, name: str, **more: str) -> dict[str, str]:
    named = {"QueuePrefix": f"{name}-", "BucketName": f"{name}-reviews", "Image": FIRST}
    logs = {f"{tier}LogGroup": f"/{name}/{tier}" for tier in ("Web", "Worker", "Chat", "Beat")}
    return {**aws.network(), **named, **logs, **more}


def images(aws: Account, name: str) -> set[str]:
    ecs = aws.client("ecs")
    services = ecs.describe_services(
        cluster=f"{name}-{name}",
        services=[f"{name}-{name}-{tier}" for tier in ("web", "worker", "chat", "beat")],
    )["services"]
    assert len(services) == 4
    return {
        ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"][
            "containerDefinitions"
        ][0]["image"]
        for service in services
    }


def made(aws: Account, stack: str) -> set[str]:
    found = aws.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    return {item["LogicalResourceId"] for item in found if item["ResourceStatus"].endswith("_COMPLETE")}


def wanted(templates: Path, name: str, *, but: set[str]) -> set[str]:
    resources: dict[str, Any] = read_template(templates / f"{name}.yaml")["Resources"]
    return {key for key, item in resources.items() if item.get("Condition") not in but}


@pytest.fixture(scope="module")
def shop(aws: Account, templates: Path) -> Desk:
    """Who has deployed the first image of "shop", with a yes to each stack."""
    desk = Desk(aws, templates, True, True, True)
    desk.deployment("shop").deploy(given(aws, "shop"))
    return desk


def test_an_account_gets_everything_that_the_templates_name(
    aws: Account, templates: Path, shop: Desk
) -> None:
    assert shop.asked == [f"Change aiprism-shop-{name}?" for name in STACKS]
    assert shop.heard("WebAddress: ")
    assert made(aws, "aiprism-shop-data") == wanted(templates, "data", but=set())
    assert made(aws, "aiprism-shop-compute") == wanted(templates, "compute", but={"OnAppRunner", "OnExpress"})
    assert made(aws, "aiprism-shop-observability") == wanted(
        templates, "observability", but={"OnAppRunner", "HasAlarmEmail", "HasPageEmail"}
    )


def test_what_the_stacks_say_is_made_is_there(aws: Account, templates: Path, shop: Desk) -> None:
    """An emulator may say complete over what it has skipped, so each service is asked itself."""
    queues = aws.client("sqs")
    urls = queues.list_queues(QueueNamePrefix="shop-")["QueueUrls"]
    kept = [queues.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"] for url in urls]
    assert len(urls) == 6
    assert all("Policy" in attributes for attributes in kept)
    assert sum("RedrivePolicy" in attributes for attributes in kept) == 3
    assert sum("RedriveAllowPolicy" in attributes for attributes in kept) == 3

    s3, bucket = aws.client("s3"), "shop-reviews"
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    # Lifecycle rules are dropped without a word by ministack 1.5.33: they are linted, and held to the design.
    assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert len(json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]) == 2

    resources = {name: read_template(templates / f"{name}.yaml")["Resources"] for name in STACKS}
    iam = aws.client("iam")
    for name, role in of_type(resources["data"], "AWS::IAM::Role").items():
        made_role = physical(aws, "aiprism-shop-data", name)
        (policy,) = role["Policies"]
        found = iam.get_role_policy(RoleName=made_role, PolicyName=policy["PolicyName"])["PolicyDocument"]
        assert len(found["Statement"]) == len(policy["PolicyDocument"]["Statement"])

    alarms = aws.client("cloudwatch").describe_alarms(AlarmNamePrefix="shop-")["MetricAlarms"]
    assert len(alarms) == len(of_type(resources["observability"], "AWS::CloudWatch::Alarm")) - 1
    assert aws.client("cloudwatch").get_dashboard(DashboardName="shop-shop")["DashboardBody"]
    assert len(aws.client("logs").describe_log_groups(logGroupNamePrefix="/shop/")["logGroups"]) == 4
    assert (
        len(
            aws.client("elbv2").describe_listeners(
                LoadBalancerArn=physical(aws, "aiprism-shop-compute", "LoadBalancer")
            )["Listeners"]
        )
        == 2
    )
    secret = aws.client("secretsmanager").get_secret_value(
        SecretId=physical(aws, "aiprism-shop-compute", "MessageKeys")
    )["SecretString"]
    assert len(secret) == 64


def physical(aws: Account, stack: str, logical: str) -> str:
    found = aws.client("cloudformation").describe_stack_resource(StackName=stack, LogicalResourceId=logical)
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def test_the_next_image_is_all_that_changes_and_there_is_a_way_back(
    aws: Account, templates: Path, shop: Desk
) -> None:
    assert images(aws, "shop") == {FIRST}
    second = Desk(aws, templates)
    second.deployment("shop", assumed=True).deploy({"Image": SECOND})
    assert second.heard("aiprism-shop-data: nothing to change")
    assert second.heard("aiprism-shop-observability: nothing to change")
    assert images(aws, "shop") == {SECOND}

    back = Desk(aws, templates, True)
    back.deployment("shop").roll_back()
    assert back.asked == ["Change aiprism-shop-compute?"]
    assert images(aws, "shop") == {FIRST}

    Desk(aws, templates).deployment("shop", assumed=True).roll_back()
    assert images(aws, "shop") == {SECOND}


def test_what_would_lose_data_is_asked_about_even_with_yes(aws: Account, templates: Path, shop: Desk) -> None:
    desk = Desk(aws, templates, False)
    with pytest.raises(NotConfirmed):
        desk.deployment("shop", assumed=True).deploy({"BucketName": "another-bucket"})
    assert desk.heard("KEEPS DATA")
    aws.client("s3").head_bucket(Bucket="shop-reviews")


def test_nothing_changes_without_a_yes_and_the_first_no_leaves_no_stack(
    aws: Account, templates: Path
) -> None:
    desk = Desk(aws, templates, False)
    with pytest.raises(NotConfirmed):
        desk.deployment("shy").deploy(given(aws, "shy"))
    assert desk.heard("Add    AnalysisQueue (AWS::SQS::Queue)")
    names = [item["StackName"] for item in aws.client("cloudformation").describe_stacks()["Stacks"]]
    assert not [name for name in names if "shy" in name]


def test_a_deployment_that_fails_says_why_and_the_next_one_succeeds(aws: Account, templates: Path) -> None:
    aws.client("s3").create_bucket(Bucket="torn-reviews")
    with pytest.raises(CannotDeploy, match="aiprism-torn-data ended as ROLLBACK_COMPLETE: "):
        Desk(aws, templates).deployment("torn", assumed=True).deploy(given(aws, "torn"))
    aws.client("s3").delete_bucket(Bucket="torn-reviews")
    with pytest.raises(NotConfirmed, match="aiprism-torn-compute"):
        Desk(aws, templates, True, False).deployment("torn").deploy(given(aws, "torn"))
    assert made(aws, "aiprism-torn-data") == wanted(templates, "data", but=set())


def test_the_first_deployment_names_what_it_still_needs(aws: Account, templates: Path) -> None:
    with pytest.raises(ClientError, match="Image"):
        Desk(aws, templates).deployment("new", assumed=True).deploy(
            {"QueuePrefix": "new-", "BucketName": "new-reviews"}
        )


def test_a_parameter_that_no_template_has_is_refused(aws: Account, templates: Path) -> None:
    with pytest.raises(CannotDeploy, match="Vpcid"):
        Desk(aws, templates).deployment("typo", assumed=True).deploy({"Vpcid": "vpc-1"})


def test_there_is_no_way_back_from_the_first_image(aws: Account, templates: Path) -> None:
    with pytest.raises(CannotDeploy, match="nothing to return to"):
        Desk(aws, templates).deployment("never").roll_back()
