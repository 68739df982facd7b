class EllipticCurve:
    INF: tuple[int, int]
    def add(self, one: tuple[int, int], other: tuple[int, int], /) -> tuple[int, int]: ...
    def mul(self, k: int, point: tuple[int, int], /) -> tuple[int, int]: ...

class ECDLP:
    ec: EllipticCurve
    def __init__(
        self, p: int, a: int, b: int, generator: tuple[int, int], order: int, /
    ) -> None: ...
    def kG(self, k: int) -> tuple[int, int]: ...  # noqa: N802 - its own name
