"""Deploy all stacks of one deployment in order, or return its processes to the image before."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra.deployment.errors import CannotDeploy, NotConfirmed
from infra.deployment.stacks import ChangeSet, CloudFormation, Stack

STACKS = ("data", "compute", "observability")
"""In this order: each takes outputs of those before it as its parameters."""

_NO_IMAGE = "none"
_PLACE = "BasePath"
_AGES = ("SessionDays", "ResultDays")


@dataclass(frozen=True)
class Deployment:
    """env: its name. ask: shown a question, True for yes. assumed: yes to all that endangers no data."""

    env: str
    cloud: CloudFormation
    templates: Path
    say: Callable[[str], object]
    ask: Callable[[str], bool]
    assumed: bool = False
    outputs: dict[str, str] = field(default_factory=dict)

    def deploy(self, given: Mapping[str, str]) -> None:
        """given: parameters that are to change; all others stay as they are. Raises CannotDeploy, ClientError."""
        bodies = {name: (self.templates / f"{name}.yaml").read_text() for name in STACKS}
        declared = {name: self.cloud.declared(body) for name, body in bodies.items()}
        unknown = sorted(given.keys() - {key for names in declared.values() for key in names})
        if unknown:
            raise CannotDeploy(f"No template has a parameter {', '.join(unknown)}: see infra/*.yaml.")
        for name in STACKS:
            stack = self.cloud.stack(self._stack_name(name))
            wanted = {"Env": self.env, **self.outputs, **given, **_image_before(stack, given)}
            values = _chosen(declared[name], wanted=wanted, present=stack)
            self._apply(stack, self.cloud.propose(stack, bodies[name], values), _losses(stack, values))
        self._say_outputs()

    def roll_back(self) -> None:
        """The image before this one, with all else as it is; called again, it returns. Raises CannotDeploy."""
        stack = self.cloud.stack(self._stack_name("compute"))
        before = stack.parameters.get("PreviousImage", _NO_IMAGE)
        if before == _NO_IMAGE:
            raise CannotDeploy(f"{stack.name} has had no other image: there is nothing to return to.")
        values = {**stack.parameters, "Image": before, "PreviousImage": stack.parameters["Image"]}
        self._apply(stack, self.cloud.propose(stack, None, values), losses=[])
        self._say_outputs()

    def _stack_name(self, name: str) -> str:
        return f"aiprism-{self.env}-{name}"

    def _apply(self, stack: Stack, change_set: ChangeSet | None, losses: list[str]) -> None:
        if change_set is None:
            self.say(f"{stack.name}: nothing to change")
            self.outputs.update(stack.outputs)
            return
        self._show(change_set, losses)
        if not self._is_confirmed(change_set, losses):
            self.cloud.drop(change_set)
            raise NotConfirmed(f"{stack.name} was left as it is.")
        self.outputs.update(self.cloud.execute(change_set).outputs)
        self.say(f"{stack.name}: done")

    def _show(self, change_set: ChangeSet, losses: list[str]) -> None:
        self.say(f"{change_set.stack}: {len(change_set.changes)} changes")
        for change in change_set.changes:
            replaced = {"True": ", replaced", "Conditional": ", may be replaced"}.get(change.replaced, "")
            danger = "  <- KEEPS DATA" if change.endangers_data else ""
            self.say(f"  {change.action:<7}{change.resource} ({change.kind}{replaced}){danger}")
        for loss in losses:
            self.say(f"  {loss}  <- KEEPS DATA")

    def _is_confirmed(self, change_set: ChangeSet, losses: list[str]) -> bool:
        endangered = [change.resource for change in change_set.changes if change.endangers_data]
        lost = [f"{', '.join(endangered)} would be lost to the system."] if endangered else []
        if lost + losses:
            return self.ask(" ".join([*lost, *losses, f"Change {change_set.stack}?"]))
        return self.assumed or self.ask(f"Change {change_set.stack}?")

    def _say_outputs(self) -> None:
        for key, value in sorted(self.outputs.items()):
            self.say(f"{key}: {value}")


def _image_before(stack: Stack, given: Mapping[str, str]) -> dict[str, str]:
    """What a rollback returns to: kept as a parameter of the stack, so it needs no memory of its own."""
    present = stack.parameters.get("Image", "")
    if present and given.get("Image", present) != present:
        return {"PreviousImage": present}
    return {}


def _losses(stack: Stack, values: Mapping[str, str]) -> list[str]:
    """What no change set tells: the same bucket, and the reviews in it are not found or not kept any more."""
    before = stack.parameters if stack.exists else {}
    found = []
    if before.get(_PLACE, values.get(_PLACE)) != values.get(_PLACE):
        found.append(
            f"{_PLACE} from {before[_PLACE] or 'none'}: what is there stays in the bucket, and nothing finds it."
        )
    for name in _AGES:
        if name in before and name in values and int(values[name]) < int(before[name]):
            found.append(
                f"{name} from {before[name]} to {values[name]}: what is older is deleted within a day."
            )
    return found


def _chosen(declared: Collection[str], *, wanted: Mapping[str, str], present: Stack) -> dict[str, str]:
    """What is wanted, else what the stack has; the template's defaults and what is missing are AWS's to say."""
    known = {**(present.parameters if present.exists else {}), **wanted}
    return {key: value for key, value in known.items() if key in declared}
