from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STATUS_PENDING: _ClassVar[Status]
    STATUS_COMPLETE: _ClassVar[Status]
    STATUS_PRUNED: _ClassVar[Status]
    STATUS_FAILED: _ClassVar[Status]
    STATUS_TIMED_OUT: _ClassVar[Status]
    STATUS_OUT_OF_MEMORY: _ClassVar[Status]
    STATUS_CRASHED: _ClassVar[Status]
STATUS_PENDING: Status
STATUS_COMPLETE: Status
STATUS_PRUNED: Status
STATUS_FAILED: Status
STATUS_TIMED_OUT: Status
STATUS_OUT_OF_MEMORY: Status
STATUS_CRASHED: Status

class DescribeRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DescribeResponse(_message.Message):
    __slots__ = ("name", "version", "lock", "settings_schema_json", "capabilities", "spaces_json", "metrics", "fidelities")
    class SpacesJsonEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class MetricsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: MetricList
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[MetricList, _Mapping]] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LOCK_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_SCHEMA_JSON_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    SPACES_JSON_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    FIDELITIES_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    lock: str
    settings_schema_json: str
    capabilities: Capabilities
    spaces_json: _containers.ScalarMap[str, str]
    metrics: _containers.MessageMap[str, MetricList]
    fidelities: _containers.RepeatedCompositeFieldContainer[Range]
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., lock: _Optional[str] = ..., settings_schema_json: _Optional[str] = ..., capabilities: _Optional[_Union[Capabilities, _Mapping]] = ..., spaces_json: _Optional[_Mapping[str, str]] = ..., metrics: _Optional[_Mapping[str, MetricList]] = ..., fidelities: _Optional[_Iterable[_Union[Range, _Mapping]]] = ...) -> None: ...

class Capabilities(_message.Message):
    __slots__ = ("conditions", "categorical", "pending", "fidelity", "stopping", "prior", "objectives")
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    CATEGORICAL_FIELD_NUMBER: _ClassVar[int]
    PENDING_FIELD_NUMBER: _ClassVar[int]
    FIDELITY_FIELD_NUMBER: _ClassVar[int]
    STOPPING_FIELD_NUMBER: _ClassVar[int]
    PRIOR_FIELD_NUMBER: _ClassVar[int]
    OBJECTIVES_FIELD_NUMBER: _ClassVar[int]
    conditions: bool
    categorical: bool
    pending: bool
    fidelity: bool
    stopping: bool
    prior: bool
    objectives: int
    def __init__(self, conditions: _Optional[bool] = ..., categorical: _Optional[bool] = ..., pending: _Optional[bool] = ..., fidelity: _Optional[bool] = ..., stopping: _Optional[bool] = ..., prior: _Optional[bool] = ..., objectives: _Optional[int] = ...) -> None: ...

class MetricList(_message.Message):
    __slots__ = ("metrics",)
    METRICS_FIELD_NUMBER: _ClassVar[int]
    metrics: _containers.RepeatedCompositeFieldContainer[Objective]
    def __init__(self, metrics: _Optional[_Iterable[_Union[Objective, _Mapping]]] = ...) -> None: ...

class Objective(_message.Message):
    __slots__ = ("metric", "maximize")
    METRIC_FIELD_NUMBER: _ClassVar[int]
    MAXIMIZE_FIELD_NUMBER: _ClassVar[int]
    metric: str
    maximize: bool
    def __init__(self, metric: _Optional[str] = ..., maximize: _Optional[bool] = ...) -> None: ...

class Range(_message.Message):
    __slots__ = ("name", "low", "high", "log", "integer")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    LOG_FIELD_NUMBER: _ClassVar[int]
    INTEGER_FIELD_NUMBER: _ClassVar[int]
    name: str
    low: float
    high: float
    log: bool
    integer: bool
    def __init__(self, name: _Optional[str] = ..., low: _Optional[float] = ..., high: _Optional[float] = ..., log: _Optional[bool] = ..., integer: _Optional[bool] = ...) -> None: ...

class Problem(_message.Message):
    __slots__ = ("space_json", "objectives", "fidelities", "seed")
    SPACE_JSON_FIELD_NUMBER: _ClassVar[int]
    OBJECTIVES_FIELD_NUMBER: _ClassVar[int]
    FIDELITIES_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    space_json: str
    objectives: _containers.RepeatedCompositeFieldContainer[Objective]
    fidelities: _containers.RepeatedCompositeFieldContainer[Range]
    seed: int
    def __init__(self, space_json: _Optional[str] = ..., objectives: _Optional[_Iterable[_Union[Objective, _Mapping]]] = ..., fidelities: _Optional[_Iterable[_Union[Range, _Mapping]]] = ..., seed: _Optional[int] = ...) -> None: ...

class OpenRequest(_message.Message):
    __slots__ = ("problem", "settings_json", "prior_json")
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_JSON_FIELD_NUMBER: _ClassVar[int]
    PRIOR_JSON_FIELD_NUMBER: _ClassVar[int]
    problem: Problem
    settings_json: str
    prior_json: str
    def __init__(self, problem: _Optional[_Union[Problem, _Mapping]] = ..., settings_json: _Optional[str] = ..., prior_json: _Optional[str] = ...) -> None: ...

class OpenResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AskRequest(_message.Message):
    __slots__ = ("first", "n")
    FIRST_FIELD_NUMBER: _ClassVar[int]
    N_FIELD_NUMBER: _ClassVar[int]
    first: int
    n: int
    def __init__(self, first: _Optional[int] = ..., n: _Optional[int] = ...) -> None: ...

class AskResponse(_message.Message):
    __slots__ = ("suggestions", "exhausted")
    SUGGESTIONS_FIELD_NUMBER: _ClassVar[int]
    EXHAUSTED_FIELD_NUMBER: _ClassVar[int]
    suggestions: _containers.RepeatedCompositeFieldContainer[Suggestion]
    exhausted: bool
    def __init__(self, suggestions: _Optional[_Iterable[_Union[Suggestion, _Mapping]]] = ..., exhausted: _Optional[bool] = ...) -> None: ...

class TellRequest(_message.Message):
    __slots__ = ("trials",)
    TRIALS_FIELD_NUMBER: _ClassVar[int]
    trials: _containers.RepeatedCompositeFieldContainer[Trial]
    def __init__(self, trials: _Optional[_Iterable[_Union[Trial, _Mapping]]] = ...) -> None: ...

class TellResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ObserveRequest(_message.Message):
    __slots__ = ("id", "observation")
    ID_FIELD_NUMBER: _ClassVar[int]
    OBSERVATION_FIELD_NUMBER: _ClassVar[int]
    id: int
    observation: Observation
    def __init__(self, id: _Optional[int] = ..., observation: _Optional[_Union[Observation, _Mapping]] = ...) -> None: ...

class ObserveResponse(_message.Message):
    __slots__ = ("stop",)
    STOP_FIELD_NUMBER: _ClassVar[int]
    stop: bool
    def __init__(self, stop: _Optional[bool] = ...) -> None: ...

class LoadRequest(_message.Message):
    __slots__ = ("path", "protocol_json", "fingerprint")
    PATH_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_JSON_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    path: str
    protocol_json: str
    fingerprint: str
    def __init__(self, path: _Optional[str] = ..., protocol_json: _Optional[str] = ..., fingerprint: _Optional[str] = ...) -> None: ...

class LoadResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class EvaluateRequest(_message.Message):
    __slots__ = ("suggestion", "limits")
    SUGGESTION_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    suggestion: Suggestion
    limits: Limits
    def __init__(self, suggestion: _Optional[_Union[Suggestion, _Mapping]] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ("wall_seconds", "fit_seconds", "memory_bytes", "threads")
    WALL_SECONDS_FIELD_NUMBER: _ClassVar[int]
    FIT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    wall_seconds: float
    fit_seconds: float
    memory_bytes: float
    threads: int
    def __init__(self, wall_seconds: _Optional[float] = ..., fit_seconds: _Optional[float] = ..., memory_bytes: _Optional[float] = ..., threads: _Optional[int] = ...) -> None: ...

class EvaluateResponse(_message.Message):
    __slots__ = ("observation", "trial")
    OBSERVATION_FIELD_NUMBER: _ClassVar[int]
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    observation: Observation
    trial: Trial
    def __init__(self, observation: _Optional[_Union[Observation, _Mapping]] = ..., trial: _Optional[_Union[Trial, _Mapping]] = ...) -> None: ...

class StopRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

class StopResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Value(_message.Message):
    __slots__ = ("null", "boolean", "integer", "number", "text")
    NULL_FIELD_NUMBER: _ClassVar[int]
    BOOLEAN_FIELD_NUMBER: _ClassVar[int]
    INTEGER_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    null: bool
    boolean: bool
    integer: int
    number: float
    text: str
    def __init__(self, null: _Optional[bool] = ..., boolean: _Optional[bool] = ..., integer: _Optional[int] = ..., number: _Optional[float] = ..., text: _Optional[str] = ...) -> None: ...

class Suggestion(_message.Message):
    __slots__ = ("id", "config", "fidelity", "seed", "parent", "origin")
    class ConfigEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...
    class FidelityEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    FIDELITY_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    id: int
    config: _containers.MessageMap[str, Value]
    fidelity: _containers.ScalarMap[str, float]
    seed: int
    parent: int
    origin: str
    def __init__(self, id: _Optional[int] = ..., config: _Optional[_Mapping[str, Value]] = ..., fidelity: _Optional[_Mapping[str, float]] = ..., seed: _Optional[int] = ..., parent: _Optional[int] = ..., origin: _Optional[str] = ...) -> None: ...

class Cost(_message.Message):
    __slots__ = ("wall", "cpu", "fit", "predict", "memory")
    WALL_FIELD_NUMBER: _ClassVar[int]
    CPU_FIELD_NUMBER: _ClassVar[int]
    FIT_FIELD_NUMBER: _ClassVar[int]
    PREDICT_FIELD_NUMBER: _ClassVar[int]
    MEMORY_FIELD_NUMBER: _ClassVar[int]
    wall: float
    cpu: float
    fit: float
    predict: float
    memory: float
    def __init__(self, wall: _Optional[float] = ..., cpu: _Optional[float] = ..., fit: _Optional[float] = ..., predict: _Optional[float] = ..., memory: _Optional[float] = ...) -> None: ...

class Observation(_message.Message):
    __slots__ = ("step", "steps", "fidelity", "metrics", "cost")
    class FidelityEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    class MetricsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    STEP_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    FIDELITY_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    step: int
    steps: int
    fidelity: _containers.ScalarMap[str, float]
    metrics: _containers.ScalarMap[str, float]
    cost: Cost
    def __init__(self, step: _Optional[int] = ..., steps: _Optional[int] = ..., fidelity: _Optional[_Mapping[str, float]] = ..., metrics: _Optional[_Mapping[str, float]] = ..., cost: _Optional[_Union[Cost, _Mapping]] = ...) -> None: ...

class Trial(_message.Message):
    __slots__ = ("suggestion", "status", "losses", "observations", "reason", "checkpoint")
    SUGGESTION_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    LOSSES_FIELD_NUMBER: _ClassVar[int]
    OBSERVATIONS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    suggestion: Suggestion
    status: Status
    losses: _containers.RepeatedScalarFieldContainer[float]
    observations: _containers.RepeatedCompositeFieldContainer[Observation]
    reason: str
    checkpoint: str
    def __init__(self, suggestion: _Optional[_Union[Suggestion, _Mapping]] = ..., status: _Optional[_Union[Status, str]] = ..., losses: _Optional[_Iterable[float]] = ..., observations: _Optional[_Iterable[_Union[Observation, _Mapping]]] = ..., reason: _Optional[str] = ..., checkpoint: _Optional[str] = ...) -> None: ...
