# What the project uses of PyYAML.

class Mark:
    line: int
    column: int

class Node:
    id: str
    tag: str
    start_mark: Mark

class ScalarNode(Node):
    value: str
    style: str | None

class SequenceNode(Node):
    value: list[Node]

class MappingNode(Node):
    value: list[tuple[Node, Node]]

class YAMLError(Exception): ...

class MarkedYAMLError(YAMLError):
    problem: str | None
    problem_mark: Mark | None

class SafeLoader: ...

def compose(stream: str, Loader: type[SafeLoader]) -> Node | None: ...  # noqa: N803 - its name
