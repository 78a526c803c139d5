# SPDX-License-Identifier: Apache-2.0
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false, reportArgumentType=false
"""The rule as Warp kernels for CUDA: one launch for any number of environments and contracts.

Their bodies are C, because Warp's own indexing costs more instructions than the rule. Their one
argument is a small struct of addresses, because every launch fetches its arguments anew: ten arrays
by value cost 0.8 us of a 3.3 us launch on an H200. `write_each` and `merge_joints` run on the CPU
too, `write_fours` needs a warp.
"""

import warp as wp


@wp.struct
class Divisor:
    """What divides a number below 2**31 by a multiplication.

    Source: T. Granlund and P. L. Montgomery, PLDI 1994, 61-72.
    """

    magic: wp.uint32
    shift: wp.uint32


def divisor(number: int) -> Divisor:
    """The divisor `number`, at least 1."""
    found = Divisor()
    found.shift = (number - 1).bit_length()
    found.magic = ((1 << 32) * ((1 << found.shift) - number) // number + 1) % (1 << 32)
    return found


@wp.struct
class Call:
    """Addresses and sizes of one evaluation."""

    # what `write_each` reads stands together, in as few lines of the constant cache as may be
    joint_pos: wp.uint64  # float32 (num_envs, num_joints), measured [rad or m]
    rows: wp.uint64  # as in `kernel.Rules`, like the parameters
    threshold: wp.uint64
    target: wp.uint64
    enabled: wp.uint64
    latched: wp.uint64  # bool (num_envs, num_contracts), like `fired` and `active`
    num_envs: wp.uint32
    joints: wp.uint32
    contracts: wp.uint32
    per_env: wp.uint32  # whether each environment has its own threshold, target and enabled
    per_row: Divisor  # flags of an environment, or its joints over `width` in `merge_joints`
    # as in `kernel.Rules`
    first: wp.uint32
    step: wp.uint32
    fired: wp.uint64
    active: wp.uint64
    out: wp.uint64  # float32 (num_envs, num_joints); `targets` in place
    targets: wp.uint64  # float32 (num_envs, num_joints), commanded [rad or m]
    trigger: wp.uint64
    greater: wp.uint64
    latching: wp.uint64
    head: wp.uint64
    width: wp.uint32  # joints of a thread of `merge_joints`, 4 or 1


_CALL = """
    struct alignas(16) Row { int trigger, effect, next, kind; };
    struct alignas(16) Floats { float at[4]; };
    struct alignas(16) Ints { int at[4]; };
    const float* joint_pos = (const float*)call.joint_pos;
    const float* threshold = (const float*)call.threshold;
    const float* target = (const float*)call.target;
    const bool* enabled = (const bool*)call.enabled;
    const Row* rows = (const Row*)call.rows;
    bool* fired_out = (bool*)call.fired;
    bool* latched_out = (bool*)call.latched;
    bool* active_out = (bool*)call.active;
    float* out = (float*)call.out;
    const unsigned contracts = call.contracts, total = call.num_envs * contracts;
    const size_t joints = call.joints;
    auto bits_of = [](float number) {
        union { float number; unsigned bits; } both = {number};
        return both.bits;
    };
    auto env_of = [&](unsigned index) {
        return ((unsigned)((unsigned long long)index * call.per_row.magic >> 32) + index)
            >> call.per_row.shift;
    };
    // Whether a contract from `c` on, on one effect joint, is active and so wins over those before.
    // Its thread may write its latch meanwhile: either value gives one answer. An active contract
    // looks as far as the next active one, so all together pass over a chain once.
    auto one_is_active = [&](unsigned env, int c) {
        for (; c >= 0; c = rows[c].next) {
            const Row row = rows[c];
            const unsigned flag = env * contracts + c, number = call.per_env ? flag : c;
            const float pos = joint_pos[env * joints + row.trigger], limit = threshold[number];
            const bool fires = row.kind & 1 ? pos > limit : pos < limit;
            if (enabled[number] & (fires | (row.kind >> 1 & latched_out[flag])))
                return true;
        }
        return false;
    };
"""

# Everything is asked for at once, the trigger's position too, before the row has come that names
# it: one wait for memory instead of two. Plain loads would be moved behind what they depend on.
_WRITE_EACH = """
#ifdef __CUDA_ARCH__
    thread = blockIdx.x * blockDim.x + threadIdx.x; // below 2**31; Warp's own divides
#endif
    const unsigned env = env_of(thread), c = thread - env * contracts;
    const unsigned number = call.per_env ? thread : c;
    const float* here = joint_pos + env * joints;
    const int guess = call.first + c * call.step;
    float pos = 0;
#ifdef __CUDA_ARCH__
    float limit, value;
    unsigned may, was_latched;
    Row row;
    asm volatile("ld.global.v4.s32 {%0, %1, %2, %3}, [%4];"
        : "=r"(row.trigger), "=r"(row.effect), "=r"(row.next), "=r"(row.kind) : "l"(rows + c));
    if (guess >= 0)
        asm volatile("ld.global.f32 %0, [%1];" : "=f"(pos) : "l"(here + guess));
    asm volatile("ld.global.f32 %0, [%1];" : "=f"(limit) : "l"(threshold + number));
    asm volatile("ld.global.u8 %0, [%1];" : "=r"(may) : "l"(enabled + number));
    asm volatile("ld.global.u8 %0, [%1];" : "=r"(was_latched) : "l"(latched_out + thread));
    asm volatile("ld.global.f32 %0, [%1];" : "=f"(value) : "l"(target + number));
#else
    if (guess >= 0)
        pos = here[guess];
    const float limit = threshold[number], value = target[number];
    const unsigned may = enabled[number], was_latched = latched_out[thread];
    const Row row = rows[c];
#endif
    // Adds 0, below 2**8 times below 2**33: all of it is asked for before the row is looked at.
    const unsigned long long both = (unsigned long long)bits_of(limit) + bits_of(value);
    const int joint = row.trigger + (int)(both * (may | was_latched) >> 48);
    if (joint != guess)
        pos = here[joint];
    // both comparisons are false for NaN
    const bool fired = (row.kind & 1 ? pos > limit : pos < limit) & may;
    const bool latched = row.kind >> 1 & may & (fired | was_latched);
    const bool active = fired | latched;
    fired_out[thread] = fired;
    if (latched != was_latched)
        latched_out[thread] = latched;
    active_out[thread] = active;
    if (active && !one_is_active(env, row.next))
        out[env * joints + row.effect] = value;
"""

# Four contracts a thread, so that flags move as words and the rule by vectors; the targets are
# then written by the lane whose neighbours write beside it, to share what memory takes at once.
_WRITE_FOURS = """
#ifdef __CUDA_ARCH__
    enum { ALL = 0xffffffffu };
    const unsigned lane = thread & 31, block = (thread >> 5) * 128, flag = block + 4 * lane;
    unsigned active = 0;
    if (flag < total) {
        const unsigned env = env_of(flag), c = flag - env * contracts;
        const unsigned number = call.per_env ? flag : c;
        const Ints trigger = *(const Ints*)((const int*)call.trigger + c);
        const Floats limit = *(const Floats*)(threshold + number);
        const unsigned may = *(const unsigned*)(enabled + number);
        const unsigned greater = *(const unsigned*)((const bool*)call.greater + c);
        const unsigned latching = *(const unsigned*)((const bool*)call.latching + c);
        const unsigned was_latched = *(const unsigned*)(latched_out + flag);
        const float* row = joint_pos + env * joints;
        Floats pos;
        for (int k = 0; k < 4; ++k)
            pos.at[k] = row[trigger.at[k]];
        unsigned fired = 0;
        for (int k = 0; k < 4; ++k) {
            const float p = pos.at[k], q = limit.at[k];
            fired |= (unsigned)(greater >> 8 * k & 1 ? p > q : p < q) << 8 * k;
        }
        fired &= may;
        const unsigned latched = latching & may & (fired | was_latched);
        active = fired | latched;
        *(unsigned*)(fired_out + flag) = fired;
        if (latched != was_latched)
            *(unsigned*)(latched_out + flag) = latched;
        *(unsigned*)(active_out + flag) = active;
    }
    if (!__any_sync(ALL, active))
        return;
    const unsigned envs = env_of(32), rest = 32 - envs * contracts;
    unsigned mine = block + lane, env = env_of(mine), c = mine - env * contracts;
    #pragma unroll
    for (int step = 0; step < 4; ++step) {
        const unsigned word = __shfl_sync(ALL, active, 8 * step + lane / 4);
        if (word >> 8 * (lane & 3) & 1) {
            const Row row = rows[c];
            if (!one_is_active(env, row.next))
                out[env * joints + row.effect] = target[call.per_env ? mine : c];
        }
        mine += 32;
        env += envs;
        c += rest;
        if (c >= contracts) {
            c -= contracts;
            ++env;
        }
    }
#endif
"""

_MERGE_JOINTS = """
    const float* targets = (const float*)call.targets;
    const int* head = (const int*)call.head;
    auto merged = [&](unsigned env, int c, float value) {
        for (; c >= 0; c = rows[c].next) {
            const Row row = rows[c];
            const unsigned flag = env * contracts + c, number = call.per_env ? flag : c;
            const float pos = joint_pos[env * joints + row.trigger], limit = threshold[number];
            const bool may = enabled[number], was_latched = latched_out[flag];
            const bool fired = (row.kind & 1 ? pos > limit : pos < limit) & may;
            const bool latched = row.kind >> 1 & may & (fired | was_latched);
            fired_out[flag] = fired;
            if (latched != was_latched)
                latched_out[flag] = latched;
            active_out[flag] = fired | latched;
            if (fired | latched)
                value = target[number];
        }
        return value;
    };
    const size_t at = (size_t)thread * call.width;
    const unsigned env = env_of(thread), joint = at - env * joints;
    if (call.width == 1) {
        out[at] = merged(env, head[joint], targets[at]);
        return;
    }
    Floats values = *(const Floats*)(targets + at);
    const Ints first = *(const Ints*)(head + joint);
    for (int k = 0; k < 4; ++k)
        values.at[k] = merged(env, first.at[k], values.at[k]);
    *(Floats*)(out + at) = values;
"""


@wp.func_native(_CALL + _WRITE_EACH)
def _write_each(thread: wp.uint32, call: Call) -> None:
    """One contract of one environment."""


@wp.func_native(_CALL + _WRITE_FOURS)
def _write_fours(thread: wp.uint32, call: Call) -> None:
    """Four contracts of one environment."""


@wp.func_native(_CALL + _MERGE_JOINTS)
def _merge_joints(thread: wp.uint32, call: Call) -> None:
    """One or four joints of one environment, with all contracts on them."""


@wp.kernel(enable_backward=False, grid_stride=False)
def write_each(call: Call) -> None:
    """In place, a thread per environment and contract: written only where active."""
    _write_each(wp.uint32(wp.tid()), call)


@wp.kernel(enable_backward=False, grid_stride=False)
def write_fours(call: Call) -> None:
    """`write_each` by whole warps, each over 128 flags; contracts are a multiple of four."""
    _write_fours(wp.uint32(wp.tid()), call)


@wp.kernel(enable_backward=False, grid_stride=False)
def merge_joints(call: Call) -> None:
    """Out of place, a thread per environment and `width` joints: copy, or the effects."""
    _merge_joints(wp.uint32(wp.tid()), call)
