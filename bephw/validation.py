"""One clean line for what pydantic found wrong: field, rule, value."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError

__all__ = ["first_problem"]

LONGEST_VALUE = 60

_RULES = {
    "int_type": "must be an integer",
    "int_from_float": "must be an integer",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "string_type": "must be a string",
    "tuple_type": "must be a list",
    "model_type": "must be a table",
    "dict_type": "must be a table",
    "finite_number": "must be a finite number",
    "too_short": "must have at least {min_length} {noun}",
    "too_long": "must have at most {max_length} {noun}",
}


def first_problem(model: type[BaseModel], error: ValidationError) -> str:
    """The first violation of `model` as `field: rule, not value`, the field by its dotted path.

    Fields that take a number or a list are tried as both; what is told is the branch that got furthest
    into the value (an entry of a list rather than "not a number").
    """
    problems = error.errors(include_url=False)
    field = _fields(model, problems[0]["loc"])
    rivals = [problem for problem in problems if _fields(model, problem["loc"]) == field]
    problem = max(rivals, key=lambda rival: len(rival["loc"]))
    name = field + "".join(f"[{part}]" for part in problem["loc"] if isinstance(part, int))
    if problem["type"] == "value_error":
        message = problem["msg"].removeprefix("Value error, ")
        return f"{name}.{message}" if name else message
    if problem["type"] == "extra_forbidden":
        return f"{name}: unknown key"
    if problem["type"] == "missing":
        return f"{name}: required"
    rule = _rule([rival for rival in rivals if rival["loc"] == problem["loc"]] or [problem], rivals)
    return f"{name}: {rule}, not {_shown(problem['input'])}".removeprefix(": ")


def _fields(model: type[BaseModel], location: tuple[int | str, ...]) -> str:
    """The names in `location` without pydantic's tags for the members of a union."""
    names: list[str] = []
    current: Any = model
    for part in location:
        if isinstance(part, int) or current is None:
            continue
        names.append(part)
        field = current.model_fields.get(part)
        annotation = field.annotation if field else None
        current = annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
    return ".".join(names)


def _rule(same_place: list[Any], rivals: list[Any]) -> str:
    problem = same_place[0]
    kinds = {rival["type"] for rival in rivals}
    if "tuple_type" in kinds and len(kinds) > 1:
        number = next(rival for rival in rivals if rival["type"] != "tuple_type")
        return f"{_RULES.get(number['type'], _plain(number))} or a list"
    if kinds == {"int_type", "string_type"}:
        return "must be an integer or a string"
    if problem["type"] in _RULES:
        context = problem.get("ctx", {})
        length = context.get("min_length") if problem["type"] == "too_short" else context.get("max_length")
        return _RULES[problem["type"]].format(**context, noun="entry" if length == 1 else "entries")
    return _plain(problem)


def _plain(problem: Any) -> str:
    words = {
        "Input should be ": "must be ",
        "greater than or equal to": "at least",
        "less than or equal to": "at most",
    }
    message = str(problem["msg"]).splitlines()[0]
    for theirs, ours in words.items():
        message = message.replace(theirs, ours)
    return message


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 3] + "..."
