"""`accounts add|list|role|password|disable|enable`: who can sign in where AUTH=local."""

import argparse
import getpass
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.auth.accounts import LOCAL_NAME, Account, Accounts
from core.auth.identity import Role
from core.auth.password_rules import LEAST_CHARS
from core.auth.password_sign_in import LOCAL, hashed_password, local_name, set_password
from core.auth.passwords import Passwords
from core.config import Settings
from core.errors import Permanent
from core.operations.formatting import moment
from core.ops.commands import Command, Register
from core.ops.exit_codes import ExitCode, WrongUsage
from core.ops.operator_reason import add_operator, operator_and_optional_reason
from core.ops.printing import print_json, print_table
from core.queueing.audit import AuditEntry
from core.queueing.service import Queueing

_ROLES = {"reviewer": frozenset({Role.REVIEWER}), "operator": frozenset(Role)}


def add_to(accounts: argparse.ArgumentParser, register: Register) -> None:
    verbs = accounts.add_subparsers(required=True, metavar="verb")

    def verb(name: str, command: Command, meaning: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = verbs.add_parser(name, help=meaning)
        if name != "list":
            parser.add_argument("name", help="the name they sign in with")
            add_operator(parser)
        register(parser, command)
        return parser

    verb("list", list_accounts, "all of them")
    adding = verb("add", add_account, "a new one; the password is asked for")
    adding.add_argument("--role", choices=_ROLES, default="reviewer")
    adding.add_argument("--full-name", default="", help="what colleagues and Word comments show")
    role = verb("role", change_role, "give another role; signs them out")
    role.add_argument("role", choices=_ROLES)
    for parser in (adding, verb("password", change_password, "set a new password; signs them out")):
        parser.add_argument(
            "--password-stdin", action="store_true", help="read it from the first line of input"
        )
    verb("disable", disable, "no sign-in any more, and signed out at once; their reviews stay")
    verb("enable", enable, "undo disable")


def list_accounts(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    found = _accounts(queueing).all()
    if options.json:
        print_json({"accounts": [_shown(account) for account in found]})
    else:
        rows = [
            (
                one.user_id,
                one.name,
                _role(one),
                one.source,
                moment(one.created_at),
                "disabled" if one.disabled else "",
            )
            for one in found
        ]
        print_table(("name", "full name", "role", "from", "since (UTC)", ""), rows)
    return ExitCode.DONE


def add_account(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    user_id = local_name(options.name)
    if not LOCAL_NAME.fullmatch(user_id):
        raise WrongUsage("A name has 2 to 100 of a-z 0-9 . _ @ + - and begins with a letter or digit.")
    if _accounts(queueing).get(user_id) is not None:
        raise WrongUsage(f"{user_id} has an account already: accounts password, role or enable change it.")
    hashed = hashed_password(Passwords(), user_id=user_id, password=_password(options))
    name = options.full_name.strip() or user_id
    made = Account(user_id, name, _ROLES[options.role], LOCAL, created_at="", password=hashed)
    _audit(options, queueing, "accounts.add", account=user_id, role=options.role)
    if not _accounts(queueing).add(made):
        raise WrongUsage(f"{user_id} was added by somebody else just now.")
    return _changed(options, queueing, lambda now: now)


def change_role(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    roles = _ROLES[options.role]
    _audit(options, queueing, "accounts.role", account=local_name(options.name), role=options.role)
    return _changed(options, queueing, lambda now: replace(now, roles=roles, sessions={}))


def change_password(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    user_id = local_name(options.name)
    account = _accounts(queueing).get(user_id)
    if account is None or account.source != LOCAL:
        raise WrongUsage(f"{user_id} has no account here that a password belongs to.")
    password = _password(options)
    _audit(options, queueing, "accounts.password", account=user_id)
    set_password(_accounts(queueing), Passwords(), user_id=user_id, password=password)
    return _changed(options, queueing, lambda now: now)


def disable(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    _audit(options, queueing, "accounts.disable", account=local_name(options.name))
    return _changed(options, queueing, lambda now: replace(now, disabled=True, sessions={}))


def enable(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    _audit(options, queueing, "accounts.enable", account=local_name(options.name))
    return _changed(options, queueing, lambda now: replace(now, disabled=False))


def _changed(options: argparse.Namespace, queueing: Queueing, change: Callable[[Account], Account]) -> int:
    try:
        account = _accounts(queueing).change(local_name(options.name), change)
    except Permanent as error:
        raise WrongUsage(f"{error.detail} {error.kind.next_step}") from error
    if options.json:
        print_json(_shown(account))
    else:
        print(f"{account.user_id}: {_role(account)} {_state(account)}".rstrip())
    return ExitCode.DONE


def _password(options: argparse.Namespace) -> str:
    if options.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise WrongUsage("There is no terminal to ask for the password: say --password-stdin.")
    password = getpass.getpass(f"Password, at least {LEAST_CHARS} characters: ")
    if getpass.getpass("Once more: ") != password:
        raise WrongUsage("The two are not the same; nothing was changed.")
    return password


def _audit(options: argparse.Namespace, queueing: Queueing, action: str, **about: Any) -> None:
    queueing.audit.write(AuditEntry(action, **operator_and_optional_reason(options), about=about))


def _shown(account: Account) -> dict[str, Any]:
    return {
        "name": account.user_id,
        "full_name": account.name,
        "role": _role(account),
        "source": account.source,
        "created_at": account.created_at,
        "disabled": account.disabled,
        "signed_in": len(account.sessions),
    }


def _role(account: Account) -> str:
    return Role.OPERATOR.value if Role.OPERATOR in account.roles else Role.REVIEWER.value


def _state(account: Account) -> str:
    return "disabled" if account.disabled else ""


def _accounts(queueing: Queueing) -> Accounts:
    return Accounts(queueing.store, queueing.clock)
