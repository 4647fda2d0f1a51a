"""Slow twin of the extraction rules: one obvious step after the other, no shared code."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

INVALID = -1
LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# Letters of other scripts, the Latin letters they can stand for, and those read without
# punctuation after them.
FOREIGN = {
    "А": "A", "В": "BC", "С": "C", "Е": "EF", "Б": "B", "Г": "D", "Д": "E",
    "Α": "A", "Β": "B", "Ε": "E",
    "أ": "A", "ا": "A", "ب": "B", "ج": "CE", "د": "DH",
    "א": "A", "ב": "B", "ג": "C", "ד": "D", "ה": "E",
    "甲": "A", "乙": "B", "丙": "C", "丁": "D", "戊": "E",
}  # fmt: skip
LOOK_ALIKE = set("АВСЕΑΒΕ")


def words(text: str) -> list[str]:
    return text.split()


HEADS = words("""
    answer choice antwort lösung réponse risposta odpowiedź odpowiedzią ответ ответом
    الإجابة الاجابة إجابة الجواب התשובה תשובה 答え 回答 正解 答案 选择
""")
OPTION = words("option opzione opcja opcją вариант الخيار خيار אפשרות האפשרות 選択肢 选项 選項")
FILLERS = words("""
    is would should be the letter ist lautet wäre der buchstabe correcte juste est serait la lettre
    corretta giusta esatta è sarebbe lettera to jest brzmi litera это будет является буква
    الصحيحة الصحيح هي هو الحرف הנכונה היא הוא האות は 是 为 為 应该
""")
CONNECTORS = words("""
    and or und oder et ou e ed o i lub albo oraz и или و أو או と または 和 或 与
""")
NEGATIONS = words("""
    not no none neither nor never cannot t nicht kein keine keiner keines weder ne n pas aucun
    aucune ni non nessuno nessuna né nie żaden żadna ani не нет ни ليس ليست لا غير לא אין אינו אינה
    ない ません 不 没 沒 非
""")
END_MARKS = ["</s>", "<|endoftext|>", "<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<eos>"]

OPENERS = "([{<*_`\"'“”„‘’«「『【《#>-•~"
CLOSERS = ")]}*_`\"'“”’»」』】》"
BRACKETS = ")]}」』】》"
STOPS = ".:,;!。、،؛<|/&+"
JOINTS = ",/&+、،"
TEXT_CHARS = 512

Answer = tuple[int, str]


def first_letter(response: str, n_options: int) -> Answer:
    """Read the first character after white space, as the release does."""
    stripped = response.strip()
    if not stripped:
        return INVALID, "empty"
    if stripped[0] not in LATIN[: max(5, n_options)]:
        return INVALID, "no-letter"
    code = LATIN.index(stripped[0])
    return (code, "letter") if code < n_options else (INVALID, "out-of-options")


# --- characters -----------------------------------------------------------------------------


def is_vowel_point(char: str) -> bool:
    hebrew = "\u0591" <= char <= "\u05c7" and unicodedata.category(char) == "Mn"
    return hebrew or "\u064b" <= char <= "\u0652" or char in "\u0640\u0670"


def is_word(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN" and not is_vowel_point(char)


def runs_on(char: str) -> bool:
    ranges = [(0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF)]
    ranges += [(0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF)]
    return any(low <= ord(char) <= high for low, high in ranges)


def boundary(text: str, at: int) -> bool:
    """Whether a word may begin or end between ``text[at - 1]`` and ``text[at]``."""
    if at <= 0 or at >= len(text):
        return True
    left, right = text[at - 1], text[at]
    return not (is_word(left) and is_word(right)) or runs_on(left) or runs_on(right)


def fold(text: str) -> str:
    """Fold case, drop vowel points, make each run of anything but words one space."""
    whole = text.split("\ufffd", maxsplit=1)[0].casefold()
    kept = "".join(char if is_word(char) else " " for char in whole if not is_vowel_point(char))
    return " ".join(kept.split())


def bounded_at(text: str, start: int, word: str) -> bool:
    end = start + len(word)
    return text.startswith(word, start) and boundary(text, start) and boundary(text, end)


def bounded_places(text: str, word: str) -> list[int]:
    return [at for at in range(len(text)) if word and bounded_at(text, at, word)]


def longest_word(text: str, at: int, words: list[str]) -> int | None:
    """Return the end of the longest of ``words`` that stands at ``at``, any case."""
    lower = "".join(char.lower()[0] for char in text)
    ends = [at + len(word) for word in words if bounded_at(lower, at, word)]
    return max(ends, default=None)


# --- the robust rule ------------------------------------------------------------------------


class Question(NamedTuple):
    count: int
    texts: list[str]

    def spelled_out(self, option: int, said: str) -> bool:
        return bool(self.texts and self.texts[option]) and bounded_at(said, 0, self.texts[option])

    def begun(self, option: int, said: str) -> bool:
        if not (self.texts and self.texts[option] and said):
            return False
        return self.texts[option].startswith(said) or self.spelled_out(option, said)

    def meant(self, option: int, said: str) -> bool:
        if not self.texts:
            return False
        text = self.texts[option]
        return self.begun(option, said) or (telling(text) and bool(bounded_places(said, text)))


def telling(text: str) -> bool:
    return bool(text) and not (len(text) == 1 and runs_on(text))


def robust(  # noqa: PLR0911 - a cascade leaves at the first step that decides
    response: str, n_options: int, options: list[str] | None
) -> Answer:
    """Read the option that a chat answer names; INVALID rather than a guess."""
    texts = [fold(unicodedata.normalize("NFKC", text)) for text in options or []]
    question = Question(n_options, texts)
    text = answer_part(response)
    whole = fold(text)
    if not whole:
        return INVALID, "empty"

    opening = opening_letter(text, question)
    full = [option for option, known in enumerate(texts) if known == whole]
    if len(full) > 1:
        return INVALID, "ambiguous"
    if full:
        other_letter = opening and opening[0] not in (INVALID, full[0])
        clash = opening and opening[1] in ("ambiguous", "contradiction")
        return (INVALID, "ambiguous") if other_letter or clash else (full[0], "option-text")

    listed = opening is not None and lists_options(text, question)
    stated = announced(text, question)
    if stated is not None:
        code = stated[0]
        if code == INVALID:
            return stated
        disagrees = opening and not listed and opening[0] not in (INVALID, code)
        return (INVALID, "ambiguous") if disagrees else (code, "statement")
    if listed:
        return INVALID, "ambiguous"
    if opening is not None:
        return opening

    within = text_within(whole, question)
    if within is not None:
        return within
    lower = lower_case_letter(text)
    if lower is not None:
        code = LATIN.lower().index(lower)
        return (code, "lower-case") if code < n_options else (INVALID, "out-of-options")
    letters = {
        text[at]
        for at in range(len(text))
        if text[at] in LATIN[:n_options] and boundary(text, at) and tail(text, at + 1) is not None
    }
    return INVALID, "ambiguous" if len(letters) > 1 else "no-answer"


def lower_case_letter(text: str) -> str | None:
    """Return the lower-case letter that is all of the text, but for opening and closing marks."""
    at = skip_openers(text, 0)
    if at >= len(text) or text[at] not in LATIN.lower():
        return None
    closed = all(char.isspace() or char in ".:)]}*_`\"'" for char in text[at + 1 :])
    return text[at] if closed else None


def answer_part(response: str) -> str:
    for mark in END_MARKS:
        response = response.split(mark, maxsplit=1)[0]
    lines = unicodedata.normalize("NFKC", response).lstrip().split("\n")
    kept = lines[:1]
    for line in lines[1:]:
        opened = line[skip_openers(line, 0) :].lower()
        if opened.startswith(("question:", "premise:")):
            break
        kept.append(line)
    return "\n".join(kept)


def skip_openers(text: str, at: int) -> int:
    while at < len(text) and (text[at].isspace() or text[at] in OPENERS):
        at += 1
    return at


def opening_letter(text: str, question: Question) -> Answer | None:
    at = skip_openers(text, 0)
    word = longest_word(text, at, OPTION)
    if word is None:
        return read_letter(text, at, question, is_announced=False)
    return read_letter(text, skip_openers(text, word), question, is_announced=True)


class Tail(NamedTuple):
    is_marked: bool
    is_stopped: bool
    rest: str


def tail(text: str, at: int) -> Tail | None:
    """Look at what follows a letter; None if it is part of a word or an abbreviation."""
    after = text[at:]
    if after[:1] in ("'", "’", "‘", "`", "´") and after[1:2] and is_word(after[1]):
        return None
    initial = after[:1] == "." and after[1:2] != "" and after[1] in LATIN
    if initial and not (after[2:3] and is_word(after[2])):
        return None
    gap = ""
    for char in after:
        dash = char in "-–—" and any(seen.isspace() for seen in gap)
        if char == "\n" or not (char.isspace() or char in STOPS + CLOSERS or dash):
            break
        gap += char
    rest = after[len(gap) :]
    is_end = rest == "" or rest[0] == "\n"
    runs_into = not is_end and is_word(rest[0]) and boundary(text, at)
    if not (gap or is_end or rest[0] == "(" or runs_into):
        return None
    if rest[:1] in ("?", "؟"):
        return None
    stops = [char for char in gap if not char.isspace() and (char in STOPS + BRACKETS + "-–—")]
    marks = [char for char in gap if not char.isspace()]
    return Tail(bool(marks) or is_end, bool(stops), rest[:TEXT_CHARS].split("\n")[0])


def read_letter(  # noqa: PLR0911 - likewise
    text: str, at: int, question: Question, *, is_announced: bool
) -> Answer | None:
    """Read the letter at ``at``; None if there is none that is set apart from what follows."""
    if at >= len(text) or not (text[at] in LATIN or text[at] in FOREIGN):
        return None
    letter = text[at]
    stands_for = letter if letter in LATIN else FOREIGN[letter]
    after = tail(text, at + 1)
    if after is None:
        return None
    said = fold(after.rest)
    candidates = [LATIN.index(one) for one in stands_for if LATIN.index(one) < question.count]
    joined = joins_another(text, at + 1, stands_for, question.count)
    if letter in LATIN or letter in LOOK_ALIKE:
        followed = any(question.spelled_out(option, said) for option in candidates)
        if not (after.is_marked or said == "" or is_announced or joined or followed):
            return None
    elif not after.is_stopped:
        return None
    if not candidates:
        return INVALID, "out-of-options"
    if joined or lists_another(after.rest, candidates, question):
        return INVALID, "ambiguous"
    return settle(letter, candidates, said, question)


def settle(letter: str, candidates: list[int], said: str, question: Question) -> Answer:
    fired = "letter" if letter in LATIN else "look-alike" if letter in LOOK_ALIKE else "alphabet"
    if said and question.texts:
        meant = [option for option in candidates if question.meant(option, said)]
        if len(meant) == 1:
            return meant[0], "letter-and-text" if letter in LATIN else fired
        if not meant:
            if any(question.begun(option, said) for option in range(question.count)):
                return INVALID, "contradiction"
            if all(char.isnumeric() or char == " " for char in said):
                return INVALID, "number-not-offered"
    return (candidates[0], fired) if len(candidates) == 1 else (INVALID, "ambiguous")


def joins_another(text: str, at: int, stands_for: str, n_options: int) -> bool:
    joined = False
    while at < len(text):
        word = longest_word(text, at, CONNECTORS)
        if word is not None:
            at, joined = word, True
        elif text[at] in JOINTS:
            at, joined = at + 1, True
        elif text[at] != "\n" and (text[at].isspace() or text[at] in OPENERS + CLOSERS):
            at += 1
        else:
            break
    if not joined or at >= len(text) or not boundary(text, at + 1):
        return False
    other = text[at] if text[at] in LATIN else FOREIGN.get(text[at], "")
    return other != stands_for and any(one in LATIN[:n_options] for one in other)


def lists_another(rest: str, own: list[int], question: Question) -> bool:
    for at in range(1, len(rest)):
        if rest[at] not in LATIN[: question.count] or is_word(rest[at - 1]):
            continue
        option = LATIN.index(rest[at])
        after = tail(rest, at + 1)
        if option in own or after is None or not after.is_marked:
            continue
        if question.spelled_out(option, fold(after.rest)):
            return True
    return False


def lists_options(text: str, question: Question) -> bool:
    opened = set()
    for line in text.split("\n"):
        at = skip_openers(line, 0)
        read = read_letter(line, at, question, is_announced=False)
        if read is not None and read[1] not in ("out-of-options", "ambiguous"):
            letter = line[at]
            opened.add(letter if letter in LATIN else FOREIGN[letter])
    return len(opened) > 1


def announced(text: str, question: Question) -> Answer | None:
    """Return what the announcements say together: one option, or the first that says none."""
    stated: Answer | None = None
    for start in range(len(text)):
        head = longest_word(text, start, HEADS)
        if head is None:
            continue
        at, has_filler = head, False
        while at < len(text):
            filler = longest_word(text, at, FILLERS)
            filler = filler if filler is not None else longest_word(text, at, OPTION)
            if filler is not None:
                at, has_filler = filler, True
            elif not is_word(text[at]) and text[at] not in ".!?。؟;":
                at += 1
            else:
                break
        read = read_letter(text, at, question, is_announced=has_filler) if at > head else None
        if read is None:
            continue
        if read[0] == INVALID:
            return read
        if stated is not None and stated[0] != read[0]:
            return INVALID, "ambiguous"
        stated = stated or read
    return stated


def text_within(whole: str, question: Question) -> Answer | None:
    spans = {
        option: [(at, at + len(text)) for at in bounded_places(whole, text)]
        for option, text in enumerate(question.texts)
        if telling(text)
    }

    def is_covered(option: int, span: tuple[int, int]) -> bool:
        return any(
            start <= span[0] and span[1] <= end
            for other, longer in spans.items()
            for start, end in longer
            if len(question.texts[other]) > len(question.texts[option])
        )

    named = [
        option
        for option, places in spans.items()
        if any(not is_covered(option, span) for span in places)
    ]
    if not named:
        return None
    if len(named) > 1:
        return INVALID, "ambiguous"
    rest = whole
    for start, end in spans[named[0]]:
        rest = rest[:start] + " " * (end - start) + rest[end:]
    if any(longest_word(rest, at, NEGATIONS) is not None for at in range(len(rest))):
        return INVALID, "no-answer"
    return named[0], "option-text-within"
