"""The register bus."""

from bephw.rtl_gen.registers.csr import READ_LATENCY, WRITE_LATENCY, RegisterFile
from bephw.rtl_gen.registers.map import Register

REGISTERS = {
    register.name: register
    for register in (
        Register("fixed", 0, 32, False, False, "read only"),
        Register("level", 1, 5, True, True, "stored, signed"),
        Register("count", 2, 7, True, False, "stored"),
        Register("strobe", 5, 17, True, False, "written, not stored"),
        Register("delta", 6, 4, False, True, "read only, signed"),
    )
}


class Setup:
    def __init__(self, bench):
        self.dut = RegisterFile(REGISTERS, {"level": -3, "count": 9})
        self.bench = bench(self.dut)

    async def write(self, ctx, address, value):
        """Returns whether `strobe_written` was high in the cycle of the write, two cycles after that of the bus."""
        csr = self.dut.csr
        ctx.set(csr.address, address)
        ctx.set(csr.write_data, value)
        ctx.set(csr.write, 1)
        await ctx.tick()
        ctx.set(csr.write, 0)
        await ctx.tick()
        _, _, strobe, written = await ctx.tick().sample(self.dut.strobe_written, self.dut.value)
        assert written == value
        return strobe

    async def read(self, ctx, address):
        """`read_data` `READ_LATENCY` cycles after the address."""
        ctx.set(self.dut.csr.address, address)
        await ctx.tick()
        ctx.set(self.dut.csr.address, 0)
        for _ in range(READ_LATENCY - 1):
            await ctx.tick()
        return ctx.get(self.dut.csr.read_data)


def test_stored_registers(bench):
    setup = Setup(bench)
    dut = setup.dut

    async def script(ctx):
        assert (ctx.get(dut.level), ctx.get(dut.count)) == (-3, 9)
        assert await setup.read(ctx, 1) == 0xFFFFFFFD
        assert await setup.read(ctx, 2) == 9
        for value, level, count in ((15, 15, 15), (0xFFFFFFF0, -16, 0x70), (0x1FF, -1, 0x7F)):
            assert not await setup.write(ctx, 1, value)
            assert ctx.get(dut.level) == level
            await setup.write(ctx, 2, value)
            assert ctx.get(dut.count) == count
            assert ctx.get(dut.level) == level, "another register's write"
            assert await setup.read(ctx, 1) == level % (1 << 32)
            assert await setup.read(ctx, 2) == count

    setup.bench.script(script)


def test_status_registers(bench):
    setup = Setup(bench)
    dut = setup.dut

    async def script(ctx):
        ctx.set(dut.fixed, 0xCAFEF00D)
        ctx.set(dut.delta, -8)
        ctx.set(dut.strobe, 0x12345)
        await setup.write(ctx, 0, 1)
        assert await setup.read(ctx, 0) == 0xCAFEF00D
        assert await setup.read(ctx, 6) == 0xFFFFFFF8
        assert await setup.read(ctx, 5) == 0x12345
        for absent in (3, 4, 7, 0xFFF, 0x802):
            await setup.write(ctx, absent, 0x55)
            assert await setup.read(ctx, absent) == 0
        assert (ctx.get(dut.level), ctx.get(dut.count)) == (-3, 9)

    setup.bench.script(script)


def test_write_strobe_lasts_one_cycle(bench):
    setup = Setup(bench)

    async def script(ctx):
        assert await setup.write(ctx, 5, 77)
        assert not ctx.get(setup.dut.strobe_written)
        assert not await setup.write(ctx, 2, 77)
        await setup.read(ctx, 5)
        assert not ctx.get(setup.dut.strobe_written), "reading is no write"

    setup.bench.script(script)


def test_reads_follow_the_address(bench):
    setup = Setup(bench)
    csr = setup.dut.csr

    async def script(ctx):
        ctx.set(setup.dut.fixed, 123)
        shown = []
        addresses = (0, 2, 2, 4, 0, 1, 0, 2, 2, 2, 2)
        values = {0: 123, 1: 0xFFFFFFFD, 2: 9, 4: 0}
        for address in addresses:
            ctx.set(csr.address, address)
            _, _, data = await ctx.tick().sample(csr.read_data)
            shown.append(data)
        assert shown[READ_LATENCY:] == [values[address] for address in addresses[:-READ_LATENCY]]

    setup.bench.script(script)


def test_latencies_are_exact(bench):
    """A write has happened, and a value is there, at the edge that is promised, and not at the one before."""
    setup = Setup(bench)
    dut, csr = setup.dut, setup.dut.csr

    async def script(ctx):
        ctx.set(csr.address, 2)
        for _ in range(READ_LATENCY - 1):
            await ctx.tick()
            assert ctx.get(csr.read_data) == 0
        await ctx.tick()
        assert ctx.get(csr.read_data) == 9
        ctx.set(csr.write_data, 77)
        ctx.set(csr.write, 1)
        for _ in range(WRITE_LATENCY):
            assert ctx.get(dut.count) == 9
            await ctx.tick()
            ctx.set(csr.write, 0)
        assert ctx.get(dut.count) == 77

    setup.bench.script(script)


def test_accesses_may_follow_one_another(bench):
    """Addresses at every edge; writes at every second; a read at the edge after a write finds it done."""
    setup = Setup(bench)
    dut, csr = setup.dut, setup.dut.csr
    accesses = [(2, None), (2, 50), (2, None), (1, 4), (1, None), (0, None), (2, 51), (5, None), (2, 52), (2, None)]
    shown = [9, 9, 50, 0xFFFFFFFD, 4, None, 50, None, 51, 52]

    async def script(ctx):
        seen = []
        for address, value in [*accesses, *[(9, None)] * READ_LATENCY]:
            ctx.set(csr.address, address)
            ctx.set(csr.write, value is not None)
            ctx.set(csr.write_data, value or 0)
            await ctx.tick()
            seen.append(ctx.get(csr.read_data))
        for want, got in zip(shown, seen[READ_LATENCY - 1 :], strict=False):
            assert want is None or got == want
        assert (ctx.get(dut.level), ctx.get(dut.count)) == (4, 52)

    setup.bench.script(script)
