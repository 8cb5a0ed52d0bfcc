// What the cells of a board's FPGA do, as far as its design uses them. A PLL passes the crystal on, as if it were
// already the clock that it makes: so a cycle of the simulation is a cycle of the trainer.

module SB_IO #(parameter PIN_TYPE = 6'b0, parameter IO_STANDARD = "", parameter PULLUP = 1'b0)
    (inout PACKAGE_PIN, input D_OUT_0, input OUTPUT_ENABLE, output D_IN_0);
  // Bits 5-2: 0000 an input, 0110 an output, 1010 one that may be off.
  wire driven = PIN_TYPE[5:2] == 4'b0110 || PIN_TYPE[5:2] == 4'b1010 && OUTPUT_ENABLE;
  assign D_IN_0 = PACKAGE_PIN;
  assign PACKAGE_PIN = driven ? D_OUT_0 : 1'bz;
endmodule

module SB_PLL40_PAD #(parameter FEEDBACK_PATH = "", parameter DIVR = 4'b0, parameter DIVF = 7'b0,
                      parameter DIVQ = 3'b0, parameter FILTER_RANGE = 3'b0)
    (input PACKAGEPIN, input RESETB, input BYPASS, output PLLOUTGLOBAL, output LOCK);
  assign PLLOUTGLOBAL = PACKAGEPIN;
  assign LOCK = RESETB;
endmodule

module EHXPLLL #(parameter CLKI_DIV = 1, parameter CLKFB_DIV = 1, parameter CLKOP_DIV = 1,
                 parameter CLKOP_ENABLE = "", parameter CLKOP_CPHASE = 0, parameter CLKOP_FPHASE = 0,
                 parameter FEEDBK_PATH = "")
    (input CLKI, input CLKFB, input RST, input STDBY, input PHASESEL0, input PHASESEL1, input PHASEDIR,
     input PHASESTEP, input PHASELOADREG, input PLLWAKESYNC, input ENCLKOP, output CLKOP, output LOCK);
  assign CLKOP = CLKI;
  assign LOCK = ~RST;
endmodule

module IB (input I, output O);
  assign O = I;
endmodule

module OBZ (input I, input T, output O);
  assign O = T ? 1'bz : I;
endmodule
