"""All boards, by name."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from functools import cache

from bephw.boards.amaranth_boards import PlatformClass, read_board
from bephw.boards.board_file import SUFFIX, platform_in
from bephw.boards.definition import Board
from bephw.errors import BephwError
from bephw.settings import Settings

__all__ = ["board", "board_for", "boards"]


def _of(
    name: str, description: str, platform: str, *programmer: str, uart: str = "", crystal: str = "", hand: str = ""
):
    """A board of amaranth-boards: `platform` is module.class, `uart` its pins, received bits first, if it has none."""
    module, _, cls = f"amaranth_boards.{platform}".rpartition(".")
    receive, _, transmit = uart.partition(" ")
    pins = (receive, transmit) if uart else None
    return PlatformClass(name, description, module, cls, programmer, crystal, pins, hand)


ICE40 = ("-b", "ice40_generic")
DRIVE = "shows up as a USB drive: copy the bitstream there"
DFU = "starts a bootloader that takes it by USB: `dfu-util -a 0 -D BITSTREAM`"
SERIAL = "takes it by its serial port: `cat BITSTREAM > /dev/ttyACM0`"

# By chip, the smallest first. A serial line on a Pmod connector lies as Digilent's Pmods for serial lines have it: the
# FPGA sends on pin 2 and receives on pin 3.
_CLASSES = (
    _of("icestick", "Lattice iCEstick, iCE40HX1K", "icestick.ICEStickPlatform", *ICE40),
    _of("nandland-go", "Nandland Go, iCE40HX1K", "nandland_go.NandlandGoPlatform", *ICE40),
    _of("icesugar-nano", "MuseLab iCESugar-nano, iCE40LP1K", "icesugar_nano.ICESugarNanoPlatform", hand=DRIVE),
    _of("icebreaker", "1BitSquared iCEBreaker, Lattice iCE40UP5K", "icebreaker.ICEBreakerPlatform", *ICE40),
    _of("icebreaker-bitsy", "1BitSquared iCEBreaker Bitsy, iCE40UP5K", "icebreaker_bitsy.ICEBreakerBitsyPlatform",
        "-b", "icebreaker-bitsy", uart="pmod_1:3 pmod_1:2"),
    _of("icesugar", "MuseLab iCESugar, iCE40UP5K", "icesugar.ICESugarPlatform", hand=DRIVE),
    _of("upduino-v2", "Gnarly Grey UPduino v2, iCE40UP5K; its oscillator joined to pin 12",
        "upduino_v2.UpduinoV2Platform", *ICE40, "-c", "ft232", uart="23 25", crystal="clk12"),
    _of("upduino-v3", "tinyVision UPduino v3, iCE40UP5K; its jumper OSC closed", "upduino_v3.UpduinoV3Platform",
        *ICE40, "-c", "ft232", uart="23 25", crystal="clk12"),
    _of("ice40-up5k-b-evn", "Lattice iCE40 UltraPlus breakout board, iCE40UP5K",
        "ice40_up5k_b_evn.ICE40UP5KBEVNPlatform", *ICE40, uart="j_1:3 j_1:5"),
    _of("fomu-hacker", "Fomu Hacker, iCE40UP5K", "fomu_hacker.FomuHackerPlatform", "-b", "fomu",
        uart="pin_0:1 pin_1:1"),
    _of("blackice", "myStorm BlackIce, iCE40HX4K", "blackice.BlackIcePlatform", hand=SERIAL),
    _of("blackice-ii", "myStorm BlackIce II, iCE40HX4K", "blackice_ii.BlackIceIIPlatform", hand=SERIAL),
    _of("tinyfpga-bx", "TinyFPGA BX, iCE40LP8K", "tinyfpga_bx.TinyFPGABXPlatform", uart="gpio_0:1 gpio_0:2",
        hand="starts a bootloader that takes it by USB: `tinyprog -p BITSTREAM`"),
    _of("ice40-hx8k-b-evn", "Lattice iCE40-HX8K breakout board", "ice40_hx8k_b_evn.ICE40HX8KBEVNPlatform",
        *ICE40),
    _of("ulx3s-12f", "Radiona ULX3S, Lattice ECP5 12F", "ulx3s.ULX3S_12F_Platform", "-b", "ulx3s"),
    _of("icepi-zero", "Icepi Zero 1.3, ECP5 25F", "icepi_zero.IcepiZero1_3Platform", "-b", "icepi-zero"),
    _of("icesugar-pro", "MuseLab iCESugar-Pro, ECP5 25F", "icesugar_pro.ICESugarProPlatform", "-c", "cmsisdap"),
    _of("colorlight-5a-75b", "Colorlight 5A-75B R7.0, ECP5 25F; UART on the button and the LED of J19",
        "colorlight_5a75b_r7_0.Colorlight_5A75B_R70Platform", "-b", "colorlight"),
    _of("orangecrab-r0.1", "OrangeCrab r0.1, ECP5 25F", "orangecrab_r0_1.OrangeCrabR0_1Platform",
        "-b", "orangeCrab", uart="io_0:0 io_0:1"),
    _of("orangecrab-25f", "OrangeCrab r0.2, ECP5 25F", "orangecrab_r0_2.OrangeCrabR0_2_25FPlatform",
        "-b", "orangeCrab", uart="io_0:0 io_0:1"),
    _of("ulx3s-25f", "Radiona ULX3S, Lattice ECP5 25F", "ulx3s.ULX3S_25F_Platform", "-b", "ulx3s"),
    _of("ulx3s-45f", "Radiona ULX3S, Lattice ECP5 45F", "ulx3s.ULX3S_45F_Platform", "-b", "ulx3s"),
    _of("ecpix5-45f", "LambdaConcept ECPIX-5, ECP5 45F", "ecpix5.ECPIX545Platform", "-b", "ecpix5"),
    _of("logicbone-45f", "Logicbone, ECP5 45F", "logicbone.LogicbonePlatform", uart="P9_0:26 P9_0:24",
        hand=DFU),
    _of("versa-ecp5", "Lattice ECP5 Versa, ECP5 45F", "versa_ecp5.VersaECP5Platform", "-c", "ft2232"),
    _of("versa-ecp5-5g", "Lattice ECP5-5G Versa, ECP5 45F", "versa_ecp5_5g.VersaECP55GPlatform", "-c", "ft2232"),
    _of("ulx3s-85f", "Radiona ULX3S, Lattice ECP5 85F", "ulx3s.ULX3S_85F_Platform", "-b", "ulx3s"),
    _of("orangecrab-85f", "OrangeCrab r0.2, ECP5 85F", "orangecrab_r0_2.OrangeCrabR0_2_85FPlatform",
        "-b", "orangeCrab", uart="io_0:0 io_0:1"),
    _of("ecpix5-85f", "LambdaConcept ECPIX-5, ECP5 85F", "ecpix5.ECPIX585Platform", "-b", "ecpix5"),
    _of("logicbone-85f", "Logicbone, ECP5 85F", "logicbone.Logicbone85FPlatform", uart="P9_0:26 P9_0:24",
        hand=DFU),
    _of("ecp5-5g-evn", "Lattice ECP5-5G evaluation board, ECP5 85F", "ecp5_5g_evn.ECP55GEVNPlatform", "-b", "ecp5_evn"),
    _of("butterstick", "ButterStick, ECP5 85F; UART on the SD card's DAT0 and CMD", "butterstick.ButterStickPlatform",
        uart="C12 A13", hand=DFU),
    _of("tang-nano-9k", "Sipeed Tang Nano 9K, Gowin GW1NR-9", "tang_nano_9k.TangNano9kPlatform", "-b", "tangnano9k"),
    PlatformClass("tang-nano-20k", "Sipeed Tang Nano 20K, Gowin GW2AR-18", "bephw.boards.tang_nano_20k",
        "TangNano20kPlatform", ("-b", "tangnano20k")),
    PlatformClass("ccgm1a1-evb", "Cologne Chip's GateMate A1 evaluation board; UART on its north bank's header",
        "bephw.boards.gatemate", "CCGM1A1EVBPlatform", ("-b", "gatemate_evb_jtag"), uart_pins=("nb_0:a0", "nb_0:a1")),
    _of("tang-primer-20k-dock", "Sipeed Tang Primer 20K with its dock, Gowin GW2A-18",
        "tang_primer_20k.TangPrimer20kDockPlatform", "-b", "tangprimer20k"),
    _of("tang-primer-20k-lite", "Sipeed Tang Primer 20K, Gowin GW2A-18", "tang_primer_20k.TangPrimer20kLitePlatform",
        "-b", "tangprimer20k"),
)  # fmt: skip


def boards() -> list[Board]:
    """Every board, smallest chip first."""
    return [board(entry.name) for entry in _CLASSES]


def board(name: str) -> Board:
    """The board of that name, or the one that a file describes (`board_file`). Raises `BephwError`."""
    return _read(_source(name))


def board_for(settings: Settings) -> Board:
    """The board that settings name, with its serial line where they want it. Raises `BephwError`."""
    source, pins = _source(settings.board.name), settings.board.uart_pins
    return _read(source if pins is None else replace(source, uart_pins=pins))


def _source(name: str) -> PlatformClass:
    if name.endswith(SUFFIX):
        return platform_in(name)
    known = {entry.name: entry for entry in _CLASSES}
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise BephwError(f"board.name must be one that `bephw boards` lists, not {name!r}{hint}")
    return known[name]


def _read(source: PlatformClass) -> Board:
    """Files are read anew each time: they may have changed."""
    return read_board(source) if source.name.endswith(SUFFIX) else _read_once(source)


@cache
def _read_once(source: PlatformClass) -> Board:
    return read_board(source)
