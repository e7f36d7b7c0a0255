"""One implementation of one algorithm: can it work here, and its factory once it is needed."""

from _thread import RLock

from cngcore._diagnostics import describe, is_the_users
from cngcore._forks import awaited, renewed
from cngcore.objects._properties import resolve
from cngcore.provider import Algorithm, Factory, ProviderUnavailableError
from cngcore.status import InternalError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cngcore.registry._loading import PlugIn


class Candidate:
    """One implementation of one algorithm: its declaration, whose it is, and its factory once it is needed."""

    __slots__ = ("_factory", "_lock", "_probed", "algorithm", "distribution", "module", "version")

    def __init__(self, algorithm: Algorithm, plugin: "PlugIn") -> None:
        self.algorithm = algorithm
        self.distribution = plugin.distribution
        self.version = plugin.version
        self.module = plugin.module
        self._factory: Factory | None = None
        self._probed: ProviderUnavailableError | bool = algorithm.probe is None
        self._lock = awaited(RLock())

    @property
    def implementation(self) -> str:
        return self.algorithm.implementation

    def unavailable(self) -> ProviderUnavailableError | None:
        """Why this implementation cannot work here, or ``None``. The declaration's probe runs once."""
        if self._probed is False:
            with self._lock:
                if self._probed is False:
                    self._probed = self._probe()
        return self._probed if isinstance(self._probed, ProviderUnavailableError) else None

    def _probe(self) -> ProviderUnavailableError | bool:
        try:
            resolve(self.algorithm.probe)()  # type: ignore[operator]
        except ProviderUnavailableError as error:
            return error
        except BaseException as error:
            if is_the_users(error):
                raise
            return ProviderUnavailableError(describe(error), f"Report it to the author of {self.distribution}.")
        return True

    def factory(self) -> Factory:
        """The provider's factory: imported and made at the first use, once for all opened algorithms."""
        with self._lock:
            if self._factory is None:
                self._factory = self._make_factory()
            return self._factory

    def _make_factory(self) -> Factory:
        try:
            made = resolve(self.algorithm.factory)
            if not isinstance(made, Factory):
                made = made(self.algorithm)  # type: ignore[operator]
        except BaseException as error:
            if is_the_users(error):
                raise
            hint = ""
            if isinstance(error, ImportError):
                hint = f"; reinstall it with its dependencies: pip install --force-reinstall {self.distribution}"
            raise InternalError(
                f"{self.algorithm.name} ({self.implementation}) of {self.distribution} could not be loaded: "
                f"{describe(error)}{hint}"
            ) from error
        if not isinstance(made, Factory):
            raise InternalError(
                f"{self.algorithm.name} ({self.implementation}): factory {self.algorithm.factory!r} gave "
                f"{type(made).__name__}, not a Factory; report it to the author of {self.distribution}"
            )
        return made

    def serial(self) -> "RLock":
        """The lock of the factory, whichever declarations share it."""
        lock: RLock = vars(self.factory()).setdefault("_cngcore_serial", renewed(RLock()))
        return lock

    def __repr__(self) -> str:
        return f"<Candidate {self.algorithm.name} ({self.implementation}) of {self.distribution} {self.version}>"
