"""What no Python spells: numbers that several threads change at once, and a row's sums that stay in registers.

Each function is written in the compiler's own language (LLVM's) and becomes part of the kernels that call it. Imports numba.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 16
"""Vectors that `add_row` multiplies at once: as many 32-bit numbers as a register of AVX-512 holds, or four of NEON."""
_NUMBER, _PLACE, _INDEX = ir.FloatType(), ir.IntType(64), ir.IntType(32)
_LANES = ir.VectorType(_NUMBER, LANES)
_SUMS = 4  # an addition takes four beats, and a new one may begin each beat
_PICKED = 4  # numbers of a vector that are picked at once: with eight or sixteen, picking takes longer than it saves


def _data(context: Any, builder: Any, signature: Any, given: Any, index: int) -> Any:
    return context.make_array(signature.args[index])(context, builder, given[index]).data


@intrinsic
def load(typing: Any, box: Any, slot: Any) -> Any:
    """What stands in a slot of an array of 64-bit integers now."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        place = builder.gep(_data(context, builder, signature, given, 0), [given[1]])
        return builder.load_atomic(place, "seq_cst", 8)

    return types.int64(box, types.int64), code


@intrinsic
def store(typing: Any, box: Any, slot: Any, value: Any) -> Any:
    """Put a number into a slot; who sees it there sees too what was written before."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        place = builder.gep(_data(context, builder, signature, given, 0), [given[1]])
        builder.store_atomic(given[2], place, "seq_cst", 8)
        return context.get_dummy_value()

    return types.void(box, types.int64, types.int64), code


@intrinsic
def add(typing: Any, box: Any, slot: Any, value: Any) -> Any:
    """Add to a slot. Gives what stood there before."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        place = builder.gep(_data(context, builder, signature, given, 0), [given[1]])
        return builder.atomic_rmw("add", place, given[2], "seq_cst")

    return types.int64(box, types.int64, types.int64), code


@intrinsic
def replace(typing: Any, box: Any, slot: Any, old: Any, new: Any) -> Any:
    """Put `new` where `old` stands. False if something else stands there by now."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        place = builder.gep(_data(context, builder, signature, given, 0), [given[1]])
        return builder.extract_value(builder.cmpxchg(place, given[2], given[3], "seq_cst", "seq_cst"), 1)

    return types.boolean(box, types.int64, types.int64, types.int64), code


@intrinsic
def at(typing: Any, address: Any) -> Any:
    """A pointer to an address."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return builder.inttoptr(given[0], cgutils.voidptr_t)

    return types.voidptr(types.int64), code


@intrinsic
def row_sum(typing: Any, values: Any, columns: Any, first: Any, last: Any, x: Any, x_at: Any) -> Any:
    """The sum of the products of a row's nonzeros [first, last) with a vector, x[x_at:] (width,)."""
    four, columns_of_four = ir.VectorType(_NUMBER, _PICKED), ir.VectorType(ir.IntType(16), _PICKED)

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        row_values, row_columns, x = (_data(context, builder, signature, given, index) for index in (0, 1, 4))
        first, last, x = given[2], given[3], builder.gep(x, [given[5]])

        def one(place: Any, total: Any) -> Any:
            column = builder.zext(builder.load(builder.gep(row_columns, [place])), _PLACE)
            number = builder.load(builder.gep(x, [column]))
            return _plus_product(builder, total, builder.load(builder.gep(row_values, [place])), number)

        def several(place: Any, total: Any) -> Any:
            columns = builder.bitcast(builder.gep(row_columns, [place]), columns_of_four.as_pointer())
            columns, picked = builder.load(columns, align=2), ir.Constant(four, ir.Undefined)
            for lane in map(_INDEX, range(_PICKED)):
                column = builder.zext(builder.extract_element(columns, lane), _PLACE)
                picked = builder.insert_element(picked, builder.load(builder.gep(x, [column])), lane)
            numbers = builder.bitcast(builder.gep(row_values, [place]), four.as_pointer())
            return _plus_product(builder, total, builder.load(numbers, align=4), picked)

        zeros = ir.Constant(four, [0.0] * _PICKED)
        place, (a, b) = _loop(builder, first, last, [zeros, zeros], several, _PICKED)
        place, (total,) = _loop(builder, place, last, [builder.fadd(a, b)], several, _PICKED)
        a, b, c, d = (builder.extract_element(total, lane) for lane in map(_INDEX, range(_PICKED)))
        _, (total,) = _loop(builder, place, last, [builder.fadd(builder.fadd(a, b), builder.fadd(c, d))], one)
        return total

    return types.float32(values, columns, types.int64, types.int64, x, types.int64), code


@intrinsic
def add_row(typing: Any, values: Any, columns: Any, first: Any, last: Any, x: Any, x_at: Any, y: Any, y_at: Any) -> Any:
    """Add the products of a row's nonzeros [first, last) with `LANES` vectors, x[x_at:] (width, LANES), to y[y_at:] (LANES).

    Values and x are 32-bit numbers, columns 16-bit ones without sign; all arrays are flat.
    """

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        row_values, row_columns, x, y = (_data(context, builder, signature, given, index) for index in (0, 1, 4, 6))
        first, last = given[2], given[3]
        x, y = builder.gep(x, [given[5]]), builder.bitcast(builder.gep(y, [given[7]]), _LANES.as_pointer())
        empty, all_alike = ir.Constant(_LANES, ir.Undefined), ir.Constant(ir.VectorType(_INDEX, LANES), [0] * LANES)

        def one(place: Any, total: Any) -> Any:
            value = builder.insert_element(empty, builder.load(builder.gep(row_values, [place])), _INDEX(0))
            column = builder.zext(builder.load(builder.gep(row_columns, [place])), _PLACE)
            numbers = builder.bitcast(builder.gep(x, [builder.mul(column, _PLACE(LANES))]), _LANES.as_pointer())
            spread = builder.shuffle_vector(value, empty, all_alike)
            return _plus_product(builder, total, spread, builder.load(numbers, align=4))

        zeros = [ir.Constant(_LANES, [0.0] * LANES)] * (_SUMS - 1)
        rest, sums = _loop(builder, first, last, [builder.load(y, align=4), *zeros], one)
        total = builder.fadd(builder.fadd(sums[0], sums[1]), builder.fadd(sums[2], sums[3]))
        _, (total,) = _loop(builder, rest, last, [total], one)
        builder.store(total, y, align=4)
        return context.get_dummy_value()

    signature = types.void(values, columns, types.int64, types.int64, x, types.int64, y, types.int64)
    return signature, code


def _plus_product(builder: Any, total: Any, a: Any, b: Any) -> Any:
    """Add a product to a sum, rounded once where the processor can."""
    return builder.fadd(total, builder.fmul(a, b, flags=["contract"]), flags=["contract"])


def _loop(
    builder: Any, start: Any, last: Any, totals: list[Any], step: Callable[[Any, Any], Any], width: int = 1
) -> tuple[Any, list[Any]]:
    """From `start` on, as long as the places before `last` do for a round: each sum takes its next `width` places by `step`.

    Returns:
        The place where it ended, and the sums.
    """
    before, head, body, done = builder.block, *(builder.append_basic_block() for _ in range(3))
    builder.branch(head)
    builder.position_at_end(head)
    place, sums = builder.phi(_PLACE), [builder.phi(total.type) for total in totals]
    after = builder.add(place, _PLACE(width * len(totals)))
    builder.cbranch(builder.icmp_signed("<=", after, last), body, done)
    builder.position_at_end(body)
    new = [step(builder.add(place, _PLACE(n * width)), total) for n, total in enumerate(sums)]
    builder.branch(head)
    for phi, began, went_on in zip([place, *sums], [start, *totals], [after, *new], strict=True):
        phi.add_incoming(began, before)
        phi.add_incoming(went_on, body)
    builder.position_at_end(done)
    return place, sums
