"""What people who moderate choose for themselves, so that the work harms them less."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from service.domain.errors import Invalid

LONGEST_WORK = 240
"""Minutes of work before a reminder, at most."""


class Blur(StrEnum):
    """Which texts are blurred until somebody asks to read them."""

    NEVER = "never"
    WORST = "worst"
    ALL = "all"


THEMES = ("auto", "light", "dark")
"""How the desk looks; auto: as the system does."""


@dataclass(frozen=True)
class Preferences:
    """One person's. `break_minutes`: after how much work without a pause they are reminded of one; 0: never."""

    blur: Blur = Blur.WORST
    break_minutes: int = 50
    single_keys: bool = True
    theme: str = THEMES[0]

    def to_json(self) -> dict[str, object]:
        """As it is stored."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: object) -> "Preferences":
        """What was stored; what is missing in it, or can't be right any more, has its default."""
        fields = stored if isinstance(stored, Mapping) else {}
        minutes, keys, theme = (fields.get(name) for name in ("break_minutes", "single_keys", "theme"))
        return cls(
            _blur(fields.get("blur")) or cls.blur,
            minutes if type(minutes) is int and 0 <= minutes <= LONGEST_WORK else cls.break_minutes,
            keys if isinstance(keys, bool) else cls.single_keys,
            theme if theme in THEMES else cls.theme,
        )

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "Preferences":
        """What a form has in it. Raises: Invalid, whose message begins with the field's name and says what would be right."""
        blur, theme = _blur(form.get("blur")), form.get("theme")
        minutes = form.get("break_minutes", "").strip()
        if blur is None:
            raise Invalid(f"blur: give one of {', '.join(Blur)}")
        if theme not in THEMES:
            raise Invalid(f"theme: give one of {', '.join(THEMES)}")
        if not (minutes.isascii() and minutes.isdigit() and len(minutes) < 9 and int(minutes) <= LONGEST_WORK):
            raise Invalid(f"break_minutes: give a whole number from 0 to {LONGEST_WORK}")
        return cls(blur, int(minutes), "single_keys" in form, theme)


def _blur(value: object) -> Blur | None:
    return next((blur for blur in Blur if blur.value == value), None)
