"""`infra/deploy`: shows what would change in AWS, asks, changes it, waits.

What was set before stays, so the second deployment names the image only.
Exit codes: 0 done, or nothing to change; 1 AWS could not do it, all is as before; 2 wrong usage; 3 not confirmed.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from core.config import AwsSettings
from infra.deployment.deploying import Deployment
from infra.deployment.errors import CannotDeploy, NotConfirmed
from infra.deployment.stacks import CloudFormation

_TEMPLATES = Path(__file__).resolve().parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    options = make_parser().parse_args(arguments)
    client = boto3.session.Session().client("cloudformation", region_name=options.region)
    deployment = Deployment(
        options.env, CloudFormation(client), _TEMPLATES, say=print, ask=_asked, assumed=options.yes
    )
    try:
        if options.action == "rollback":
            deployment.roll_back()
        else:
            deployment.deploy(dict(options.set) | ({"Image": options.image} if options.image else {}))
    except NotConfirmed as error:
        print(error, file=sys.stderr)
        return 3
    except (CannotDeploy, ClientError, BotoCoreError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="infra/deploy", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", nargs="?", choices=["deploy", "rollback"], default="deploy")
    parser.add_argument("--env", required=True, help="name of the deployment, as prod")
    parser.add_argument(
        "--image", help="container image with tag or digest; without it the present one stays"
    )
    parser.add_argument(
        "--set", action="append", default=[], type=_pair, metavar="NAME=VALUE", help="a template's parameter"
    )
    parser.add_argument("--region", default=AwsSettings().region, help="default: %(default)s")
    parser.add_argument(
        "--yes", action="store_true", help="do not ask, unless data would go or no longer be found"
    )
    return parser


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    return name, value


def _asked(question: str) -> bool:
    if not sys.stdin.isatty():
        return False
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


if __name__ == "__main__":
    sys.exit(main())
