"""Makes mutants: copies of a source file with one thing changed, as a slip of its author might.

It reads C++ as clang-format leaves it, by tokens: a binary operator stands between blanks, the
bracket of a template does not. What it makes need not compile; the runner (mutate.py) counts those.
Comments, preprocessor lines, checks, static_assert, texts and functions that only name things are
left alone.

A mutant is known by its file, function and operator and by the lines before and after the change,
so that it stays the same while lines move.
"""

import bisect
import collections
import dataclasses
import hashlib
import re

# Longest first.
PUNCTUATION = ("<<=", ">>=", "<=>", "...", "->", "::", "<=", ">=", "==", "!=", "&&", "||", "+=",
               "-=", "*=", "/=", "|=", "&=", "^=", "++", "--", "<<", ">>",
               *"{}()[];:,.<>+-*/%=!?&|^~#")
TOKEN = re.compile(r"""
    (?P<skip>\s+|//[^\n]*|/\*.*?\*/|^[ \t]*\#(?:[^\n\\]|\\.|\\\n)*)
  | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)+')
  | (?P<number>\d(?:[\w.]|'(?=\w))*)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<sign>""" + "|".join(re.escape(p) for p in PUNCTUATION) + ")",
                   re.VERBOSE | re.DOTALL | re.MULTILINE)

# Calls and declarations that are not the stack's behaviour.
CHECKS = {"ASSAY_CHECK", "ASSAY_DCHECK", "static_assert", "CheckFailed"}
# Functions that only name things.
NAMING = re.compile(r"(^|::)(Name|Names|ControlNames|Describe|ToString)$")

ASSIGNMENTS = {"=", "+=", "-=", "*=", "/=", "|=", "&=", "^=", "<<=", ">>="}
KEYWORDS = {"if", "for", "while", "switch", "do", "else", "case", "default", "const", "constexpr",
            "auto", "static", "using", "struct", "class", "enum", "namespace", "template",
            "typename", "friend", "public", "private", "return", "break", "continue", "delete"}
OPENING = {"(": ")", "[": "]", "{": "}"}


@dataclasses.dataclass(frozen=True)
class Token:
    kind: str
    text: str
    start: int
    end: int


@dataclasses.dataclass(frozen=True)
class Function:
    name: str
    first: int  # the token behind its opening brace
    last: int   # its closing brace


@dataclasses.dataclass(frozen=True)
class Mutant:
    file: str
    line: int
    function: str
    operator: str
    before: str  # the lines that change, blanks made one
    after: str
    nth: int     # among those that are alike in all of that
    start: int   # in the file, with `end` and `text` what is put in the place of what
    end: int
    text: str

    @property
    def key(self):
        return (self.file, self.function, self.operator, self.before, self.after, self.nth)

    @property
    def id(self):
        return hashlib.sha256("\0".join(map(str, self.key)).encode()).hexdigest()[:8]

    def apply(self, source):
        """The changed source, with as many lines as before: a check names the same place."""
        gone = source[self.start:self.end].count("\n") - self.text.count("\n")
        return source[:self.start] + self.text + "\n" * gone + source[self.end:]


def tokens_of(source):
    tokens, at = [], 0
    while at < len(source):
        match = TOKEN.match(source, at)
        if not match:
            raise ValueError(f"not C++ at {source[at:at + 20]!r}")
        if match.lastgroup != "skip":
            tokens.append(Token(match.lastgroup, match.group(), at, match.end()))
        at = match.end()
    return tokens


def pairs_of(tokens):
    """Each bracket's index to that of its partner."""
    pairs, stack = {}, []
    for i, token in enumerate(tokens):
        if token.text in OPENING and token.kind == "sign":
            stack.append(i)
        elif token.text in OPENING.values() and token.kind == "sign":
            pairs[i] = stack.pop()
            pairs[pairs[i]] = i
    return pairs


def functions_of(tokens, pairs):
    """The functions that have a body, and constants of the namespace, each as one."""
    found = []

    def scan(first, last, prefix):
        head = first
        i = first
        while i < last:
            text = tokens[i].text
            if text in ("(", "["):
                i = pairs[i]
            elif text == ";":
                words = [t.text for t in tokens[head:i]]
                if "constexpr" in words and "=" in words and "(" not in words[:words.index("=")]:
                    name = words[words.index("=") - 1]
                    found.append(Function(prefix + name, head + words.index("="), i))
                head = i + 1
            elif text == ":" and tokens[i - 1].text in ("public", "private", "protected"):
                head = i + 1
            elif text == "{":
                words = [t.text for t in tokens[head:i]]
                end = pairs[i]
                if "namespace" in words:
                    scan(i + 1, end, prefix)
                elif "enum" in words or (words and words[-1] == "="):
                    i = end + 1
                    continue  # the statement goes on to its ";"
                elif "(" in words:
                    found.append(Function(prefix + name_before(words), i + 1, end))
                elif {"class", "struct", "union"} & set(words):
                    kind = next(k for k in ("class", "struct", "union") if k in words)
                    scan(i + 1, end, prefix + words[words.index(kind) + 1] + "::")
                elif "=" in words or words:
                    i = end + 1
                    continue  # `Instant at{...};`
                i = end
                head = i + 1
            i += 1

    scan(0, len(tokens), "")
    return found


def name_before(words):
    """`Host::Reset` of `void Host::Reset(...)`."""
    at = words.index("(")
    if "operator" in words[:at]:
        return "".join(words[words.index("operator"):at])
    name = [words[at - 1]]
    while at >= 3 and words[at - 2] == "::":
        name = [words[at - 3], *name]
        at -= 2
    return "::".join(name)


class Source:
    """One file, read; `mutants()` is what may be made of it."""

    def __init__(self, file, text):
        self.file, self.text = file, text
        self.tokens = tokens_of(text)
        self.pairs = pairs_of(self.tokens)
        self.lines = [m.start() for m in re.finditer(r"^", text, re.MULTILINE)]
        self.found = []
        self.function = ""
        self.skipped = set()

    def mutants(self):
        for function in functions_of(self.tokens, self.pairs):
            if NAMING.search(function.name):
                continue
            self.function = function.name
            self.skipped = self.checks_in(function)
            for i in range(function.first, function.last):
                if i in self.skipped:
                    continue
                for operator in OPERATORS:
                    operator(self, i, function)
        return number(self.found)

    def checks_in(self, function):
        skipped = set()
        for i in range(function.first, function.last):
            if self.tokens[i].text in CHECKS:
                end = i
                while self.tokens[end].text != ";":
                    end = self.pairs[end] + 1 if self.tokens[end].text in OPENING else end + 1
                skipped.update(range(i, end))
        return skipped

    # --- what operators ask ---

    def at(self, i):
        return self.tokens[i].text

    def is_binary(self, i):
        """Blanks, or the end of a line, on both sides."""
        token = self.tokens[i]
        return self.text[token.start - 1].isspace() and self.text[token.end].isspace()

    def change(self, operator, first, last, text):
        """Tokens first to last, both included, become `text`."""
        start, end = self.tokens[first].start, self.tokens[last].end
        if text == self.text[start:end]:
            return
        from_line = bisect.bisect_right(self.lines, start) - 1
        line_start = self.lines[from_line]
        line_end = self.text.find("\n", end)
        line_end = len(self.text) if line_end < 0 else line_end
        before = without_comments(self.text[line_start:line_end])
        after = without_comments(self.text[line_start:start] + text + self.text[end:line_end])
        self.found.append(Mutant(self.file, from_line + 1, self.function, operator, before, after,
                                 0, start, end, text))

    def put(self, operator, i, text):
        self.change(operator, i, i, text)


def without_comments(text):
    return re.sub(r"\s+", " ", re.sub(r"//[^\n]*", "", text)).strip()


def number(mutants):
    """Tells apart those that are alike; those that are the same twice are one."""
    seen, out, places = collections.Counter(), [], set()
    for mutant in mutants:
        place = (mutant.start, mutant.end, mutant.text)
        if place in places:
            continue
        places.add(place)
        seen[mutant.key] += 1
        out.append(dataclasses.replace(mutant, nth=seen[mutant.key] - 1))
    return out


# --- operators: each sees a token and may change the file there ---

RELATIONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
# The circle of sequence numbers has its own.
BOUNDARIES = {"Before": "AtOrBefore", "AtOrBefore": "Before"}
BOUNDS = {"min": "max", "max": "min"}


def relation(source, i, _):
    text = source.at(i)
    if text in RELATIONS and source.is_binary(i):
        source.put("relation", i, RELATIONS[text])
    elif text in BOUNDARIES and source.at(i + 1) == "(":
        source.put("relation", i, BOUNDARIES[text])
    elif text in BOUNDS and source.at(i - 1) == "::" and source.at(i + 1) in ("(", "<"):
        source.put("relation", i, BOUNDS[text])


ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*", "<<": ">>", ">>": "<<"}
STEPS = {"+=": "-=", "-=": "+="}
UNARY = {"++": "--", "--": "++"}


def arithmetic(source, i, _):
    text = source.at(i)
    if text in ARITHMETIC and source.is_binary(i):
        source.put("arithmetic", i, ARITHMETIC[text])
    elif text in STEPS:
        source.put("arithmetic", i, STEPS[text])
    elif text in UNARY:
        source.put("arithmetic", i, UNARY[text])


def constant(source, i, _):
    token = source.tokens[i]
    if token.kind != "number" or source.text[token.end] == ">":
        return
    match = re.fullmatch(r"(0x[0-9a-fA-F']+|[0-9']+)([uUlL]*)", token.text)
    if not match:
        return
    value = int(match.group(1).replace("'", ""), 0)
    for other in (value + 1, value - 1):
        if other >= 0:
            source.put("constant", i, f"{other}{match.group(2)}")


CONTROL = {"kSyn": "kFin", "kFin": "kSyn", "kRst": "kSyn", "kAck": "kPsh", "kPsh": "kUrg",
           "kUrg": "kPsh"}
MEMBERS = {"syn": "fin", "fin": "syn", "rst": "syn", "has_ack": "rst", "psh": "urg", "urg": "psh"}
CHOICES = {"true": "false", "false": "true", "kYes": "kNo", "kNo": "kYes", "kDone": "kContinue",
           "kContinue": "kDone", "kRfc793": "kRfc5961", "kRfc5961": "kRfc793",
           "kActive": "kPassive", "kPassive": "kActive", "kWithhold": "kSend"}


def flag(source, i, _):
    text = source.at(i)
    if text in CONTROL and source.at(i - 1) != "::":
        source.put("flag", i, CONTROL[text])
        # One of several that are set together is left out.
        if source.at(i + 1) == "|":
            source.change("flag", i, i + 1, "")
        elif source.at(i - 1) == "|":
            source.change("flag", i - 1, i, "")
    elif text in MEMBERS and source.at(i - 1) == "." and source.at(i - 2) in (
            "seg", "header", "segment", "arrived", ")"):
        source.put("flag", i, MEMBERS[text])
    elif text in CHOICES and source.at(i - 2) != "case":
        source.put("flag", i, CHOICES[text])


STATES = {"kClosed": "kListen", "kListen": "kClosed", "kSynSent": "kSynReceived",
          "kSynReceived": "kSynSent", "kEstablished": "kSynReceived", "kFinWait1": "kFinWait2",
          "kFinWait2": "kFinWait1", "kCloseWait": "kLastAck", "kLastAck": "kCloseWait",
          "kClosing": "kTimeWait", "kTimeWait": "kClosing"}


def state(source, i, _):
    if source.at(i) in STATES and source.at(i - 1) == "::" and source.at(i - 2) == "State":
        labels = (source.at(i - 3), source.at(i - 5))  # State:: or spec::State::
        if "case" not in labels:
            source.put("state", i, STATES[source.at(i)])


def negation(source, i, _):
    text = source.at(i)
    if text == "!" and (source.tokens[i + 1].kind == "word" or source.at(i + 1) == "("):
        source.put("negation", i, "")
    elif text in ("&&", "||") and source.is_binary(i):
        source.put("negation", i, "||" if text == "&&" else "&&")
    elif text in ("if", "while") and source.at(i + 1) == "(":
        close = source.pairs[i + 1]
        inside = source.text[source.tokens[i + 1].end:source.tokens[close].start]
        words = [t.text for t in source.tokens[i + 2:close]]
        if ";" not in words and words[0] not in ("const", "auto") and inside != "true":
            source.change("negation", i + 2, close - 1, f"!({inside})")
    elif text == "?":
        first = condition_before(source, i)
        inside = source.text[source.tokens[first].start:source.tokens[i - 1].end]
        source.change("negation", first, i - 1, f"!({inside})")


def condition_before(source, i):
    """Where the condition of the `?` at i begins."""
    at = i - 1
    while True:
        text = source.at(at)
        if text in OPENING.values():
            at = source.pairs[at] - 1
        elif text in OPENING or text in (",", ";", "return", "?", ":") or text in ASSIGNMENTS:
            return at + 1
        else:
            at -= 1


# Of the send space, of the receive space, and of what congestion control keeps.
VARIABLES = {
    "snd": {"una": ("nxt",), "nxt": ("una", "end"), "ptr": ("nxt", "una"), "end": ("nxt",),
            "offered": ("nxt",), "wnd": ("max_wnd",), "max_wnd": ("wnd",), "up": ("push",),
            "push": ("up",)},
    "rcv": {"nxt": ("read",), "read": ("nxt",), "wnd": ("capacity",), "capacity": ("wnd",),
            "up": ("nxt",), "push": ("nxt",), "fin": ("nxt",), "largest": ("mss",)},
    "flight": {"una": ("nxt",), "nxt": ("una",)},
    "c": {"cwnd": ("ssthresh",), "ssthresh": ("cwnd",)},
    "rtt": {"srtt": ("rttvar",), "rttvar": ("srtt",)},
    "seg": {"wnd": ("len()",), "text": ("len()",)},
}


def variable(source, i, _):
    if source.at(i - 1) != "." or source.at(i + 1) == "(":
        return
    for other in VARIABLES.get(source.at(i - 2), {}).get(source.at(i), ()):
        source.put("variable", i, other)


def statement(source, i, function):
    """Deletion: of an assignment, of a call, of a way out."""
    if not begins_statement(source, i):
        return
    text = source.at(i)
    if text in ("break", "continue"):
        source.change("deletion", i, i + 1, ";")
    elif text == "return":
        if not is_last_way_out(source, i, function):
            source.change("deletion", i, end_of_statement(source, i), ";")
    elif text not in KEYWORDS:
        kind = expression_kind(source, i)
        if kind:
            source.change(kind, i, end_of_statement(source, i), ";")


def begins_statement(source, i):
    before = source.at(i - 1)
    if before in (";", "{", "}", "else", "do"):
        return True
    if before == ")":
        return source.at(source.pairs[i - 1] - 1) in ("if", "for", "while")
    if before == ":":
        at = i - 2
        while source.tokens[at].kind == "word" or source.at(at) == "::":
            if source.at(at) in ("case", "default"):
                return True
            at -= 1
    return False


def end_of_statement(source, i):
    while source.at(i) != ";":
        i = source.pairs[i] + 1 if source.at(i) in OPENING else i + 1
    return i


def expression_kind(source, i):
    """"deletion" for an assignment, "call" for a call, None for a declaration or a label."""
    if source.at(i) in ("++", "--"):
        return "deletion"
    if source.at(i) == "*":
        i += 1
    call = False
    while True:
        text = source.at(i)
        if text in ("(", "["):
            call = text == "("
            i = source.pairs[i] + 1
        elif source.tokens[i].kind == "word" and text not in KEYWORDS:
            call = False
            i += 1
        elif text in (".", "->", "::"):
            if source.tokens[i + 1].kind != "word":
                return None
            i += 1
        else:
            break
        # Two names side by side are a declaration.
        if source.tokens[i - 1].kind == "word" and source.tokens[i].kind == "word":
            return None
    if source.at(i) in ASSIGNMENTS or source.at(i) in ("++", "--"):
        return "deletion"
    return "call" if source.at(i) == ";" and call else None


def is_last_way_out(source, i, function):
    """Without it a function, or a lambda, would end without a value."""
    close = end_of_statement(source, i) + 1
    if source.at(close) != "}" or source.at(i - 1) == ")":
        return False
    if close == function.last:
        return True
    before = source.pairs[close] - 1
    if source.at(before) == ")":
        before = source.pairs[before] - 1
    return source.at(before) == "]"


OPERATORS = (relation, arithmetic, constant, flag, state, negation, variable, statement)


def mutants_of(file, text):
    return Source(file, text).mutants()
