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

// iCE40: a PLL that a net feeds, and a pin with a global buffer.
module SB_PLL40_CORE #(parameter FEEDBACK_PATH = "", parameter DIVR = 4'b0, parameter DIVF = 7'b0,
                       parameter DIVQ = 3'b0, parameter FILTER_RANGE = 3'b0)
    (input REFERENCECLK, input RESETB, input BYPASS, output PLLOUTGLOBAL, output LOCK);
  assign PLLOUTGLOBAL = REFERENCECLK;
  assign LOCK = RESETB;
endmodule

module SB_GB_IO #(parameter PIN_TYPE = 6'b0, parameter IO_STANDARD = "", parameter PULLUP = 1'b0)
    (inout PACKAGE_PIN, output GLOBAL_BUFFER_OUTPUT, output D_IN_0);
  assign GLOBAL_BUFFER_OUTPUT = PACKAGE_PIN;
  assign D_IN_0 = PACKAGE_PIN;
endmodule

// Gowin.
module rPLL #(parameter DEVICE = "", parameter FCLKIN = "", parameter IDIV_SEL = 0, parameter FBDIV_SEL = 0,
              parameter ODIV_SEL = 8, parameter DYN_IDIV_SEL = "", parameter DYN_FBDIV_SEL = "",
              parameter DYN_ODIV_SEL = "", parameter DYN_DA_EN = "", parameter DYN_SDIV_SEL = 2,
              parameter PSDA_SEL = "", parameter DUTYDA_SEL = "", parameter CLKFB_SEL = "",
              parameter CLKOUT_BYPASS = "", parameter CLKOUTP_BYPASS = "", parameter CLKOUTD_BYPASS = "",
              parameter CLKOUTD_SRC = "", parameter CLKOUTD3_SRC = "")
    (input CLKIN, input CLKFB, input RESET, input RESET_P, input [5:0] FBDSEL, input [5:0] IDSEL, input [5:0] ODSEL,
     input [3:0] PSDA, input [3:0] FDLY, input [3:0] DUTYDA, output CLKOUT, output LOCK);
  assign CLKOUT = CLKIN;
  assign LOCK = ~RESET;
endmodule

module IBUF (input I, output O);
  assign O = I;
endmodule

module TBUF (input I, input OEN, output O);
  assign O = OEN ? 1'bz : I;
endmodule

// GateMate.
module CC_PLL #(parameter REF_CLK = "", parameter OUT_CLK = "", parameter PERF_MD = "", parameter LOW_JITTER = 1,
                parameter CI_FILTER_CONST = 2, parameter CP_FILTER_CONST = 4)
    (input CLK_REF, input CLK_FEEDBACK, input USR_CLK_REF, input USR_LOCKED_STDY_RST, output CLK0,
     output USR_PLL_LOCKED);
  assign CLK0 = CLK_REF;
  assign USR_PLL_LOCKED = 1'b1;
endmodule

module CC_BUFG (input I, output O);
  assign O = I;
endmodule

module CC_IBUF (input I, output Y);
  assign Y = I;
endmodule

module CC_TOBUF (input A, input T, output O);
  assign O = T ? 1'bz : A;
endmodule

// ECP5, with an SDRAM.
module BB (input I, input T, output O, inout B);
  assign B = T ? 1'bz : I;
  assign O = B;
endmodule

module FD1S3AX (input D, input CK, output reg Q);
  always @(posedge CK) Q <= D;
endmodule

module OFS1P3DX (input D, input SP, input SCLK, input CD, output reg Q);
  always @(posedge SCLK) if (SP) Q <= D;
endmodule

// Three cycles from D0 and D1 to a cycle's first and second half.
module ODDRX1F (input D0, input D1, input SCLK, input RST, output Q);
  reg [1:0] first, second, third;
  always @(posedge SCLK) begin
    first <= {D1, D0};
    second <= first;
    third <= second;
  end
  assign Q = SCLK ? third[0] : third[1];
endmodule

// What was there at the rising edge before the last one, and at the falling edge between them.
module IDDRX1F (input D, input SCLK, input RST, output reg Q0, output reg Q1);
  reg rising, falling;
  always @(negedge SCLK) falling <= D;
  always @(posedge SCLK) begin
    rising <= D;
    Q0 <= rising;
    Q1 <= falling;
  end
endmodule

// Two bits of a carry chain. Where a table of four inputs is 1 the carry passes, else it is that of A and B alone.
module CCU2C #(parameter INIT0 = 16'h0, parameter INIT1 = 16'h0, parameter INJECT1_0 = "YES",
               parameter INJECT1_1 = "YES")
    (input CIN, input A0, input B0, input C0, input D0, input A1, input B1, input C1, input D1,
     output S0, output S1, output COUT);
  wire table0 = INIT0[{D0, C0, B0, A0}];
  wire table1 = INIT1[{D1, C1, B1, A1}];
  wire lowest0 = INJECT1_0 != "YES" && INIT0[{2'b00, B0, A0}];
  wire lowest1 = INJECT1_1 != "YES" && INIT1[{2'b00, B1, A1}];
  wire between = table0 ? CIN : lowest0;
  assign S0 = table0 ^ (INJECT1_0 != "YES" && CIN);
  assign S1 = table1 ^ (INJECT1_1 != "YES" && between);
  assign COUT = table1 ? between : lowest1;
endmodule
