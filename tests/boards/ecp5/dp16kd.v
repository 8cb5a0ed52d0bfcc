// The block RAM of ECP5, for Yosys, whose library has a box without contents.
//
// Written from Lattice's description: every port has a read register (enabled by CE) and an output register behind it
// (enabled by OCE; used where REGMODE is OUTREG). With 36 bits a word port A writes and port B reads; each half of the
// output registers waits for both enables here, so that no netlist passes which relies on one of them. Not modelled:
// RST, chip selects, WRITETHROUGH, writing at port B, and the multiplexers of inputs other than OCE.
module DP16KD(
    input DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9,
        DIA8, DIA7, DIA6, DIA5, DIA4, DIA3, DIA2, DIA1, DIA0,
    input ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0,
    input CSA2, CSA1, CSA0, CLKA, CEA, OCEA, WEA, RSTA,
    input DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9,
        DIB8, DIB7, DIB6, DIB5, DIB4, DIB3, DIB2, DIB1, DIB0,
    input ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0,
    input CSB2, CSB1, CSB0, CLKB, CEB, OCEB, WEB, RSTB,
    output DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9,
        DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2, DOA1, DOA0,
    output DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9,
        DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2, DOB1, DOB0
);
    parameter DATA_WIDTH_A = 18, DATA_WIDTH_B = 18, REGMODE_A = "NOREG", REGMODE_B = "NOREG";
    parameter WRITEMODE_A = "NORMAL", WRITEMODE_B = "NORMAL", OCEAMUX = "OCEA", OCEBMUX = "OCEB";
    parameter RESETMODE = "", ASYNC_RESET_RELEASE = "", CSDECODE_A = "", CSDECODE_B = "", GSR = "";
    parameter CLKAMUX = "", CLKBMUX = "";
    parameter [319:0]
        INITVAL_00 = 0, INITVAL_01 = 0, INITVAL_02 = 0, INITVAL_03 = 0, INITVAL_04 = 0, INITVAL_05 = 0,
        INITVAL_06 = 0, INITVAL_07 = 0, INITVAL_08 = 0, INITVAL_09 = 0, INITVAL_0A = 0, INITVAL_0B = 0,
        INITVAL_0C = 0, INITVAL_0D = 0, INITVAL_0E = 0, INITVAL_0F = 0, INITVAL_10 = 0, INITVAL_11 = 0,
        INITVAL_12 = 0, INITVAL_13 = 0, INITVAL_14 = 0, INITVAL_15 = 0, INITVAL_16 = 0, INITVAL_17 = 0,
        INITVAL_18 = 0, INITVAL_19 = 0, INITVAL_1A = 0, INITVAL_1B = 0, INITVAL_1C = 0, INITVAL_1D = 0,
        INITVAL_1E = 0, INITVAL_1F = 0, INITVAL_20 = 0, INITVAL_21 = 0, INITVAL_22 = 0, INITVAL_23 = 0,
        INITVAL_24 = 0, INITVAL_25 = 0, INITVAL_26 = 0, INITVAL_27 = 0, INITVAL_28 = 0, INITVAL_29 = 0,
        INITVAL_2A = 0, INITVAL_2B = 0, INITVAL_2C = 0, INITVAL_2D = 0, INITVAL_2E = 0, INITVAL_2F = 0,
        INITVAL_30 = 0, INITVAL_31 = 0, INITVAL_32 = 0, INITVAL_33 = 0, INITVAL_34 = 0, INITVAL_35 = 0,
        INITVAL_36 = 0, INITVAL_37 = 0, INITVAL_38 = 0, INITVAL_39 = 0, INITVAL_3A = 0, INITVAL_3B = 0,
        INITVAL_3C = 0, INITVAL_3D = 0, INITVAL_3E = 0, INITVAL_3F = 0;
    localparam [64*320-1:0] CONTENTS = {
        INITVAL_3F, INITVAL_3E, INITVAL_3D, INITVAL_3C, INITVAL_3B, INITVAL_3A, INITVAL_39, INITVAL_38,
        INITVAL_37, INITVAL_36, INITVAL_35, INITVAL_34, INITVAL_33, INITVAL_32, INITVAL_31, INITVAL_30,
        INITVAL_2F, INITVAL_2E, INITVAL_2D, INITVAL_2C, INITVAL_2B, INITVAL_2A, INITVAL_29, INITVAL_28,
        INITVAL_27, INITVAL_26, INITVAL_25, INITVAL_24, INITVAL_23, INITVAL_22, INITVAL_21, INITVAL_20,
        INITVAL_1F, INITVAL_1E, INITVAL_1D, INITVAL_1C, INITVAL_1B, INITVAL_1A, INITVAL_19, INITVAL_18,
        INITVAL_17, INITVAL_16, INITVAL_15, INITVAL_14, INITVAL_13, INITVAL_12, INITVAL_11, INITVAL_10,
        INITVAL_0F, INITVAL_0E, INITVAL_0D, INITVAL_0C, INITVAL_0B, INITVAL_0A, INITVAL_09, INITVAL_08,
        INITVAL_07, INITVAL_06, INITVAL_05, INITVAL_04, INITVAL_03, INITVAL_02, INITVAL_01, INITVAL_00
    };

    reg [8:0] memory [0:2047];
    integer index;
    initial
        for (index = 0; index < 2048; index = index + 1)
            memory[index] = CONTENTS[index / 2 * 20 + index % 2 * 9 +: 9];

    wire [13:0] ada = {ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0};
    wire [13:0] adb = {ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0};
    wire [35:0] di = {
        DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9,
        DIB8, DIB7, DIB6, DIB5, DIB4, DIB3, DIB2, DIB1, DIB0,
        DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9,
        DIA8, DIA7, DIA6, DIA5, DIA4, DIA3, DIA2, DIA1, DIA0
    };
    wire ocea = OCEAMUX == "INV" ? !OCEA : OCEA, oceb = OCEBMUX == "INV" ? !OCEB : OCEB;
    wire wide = DATA_WIDTH_A == 36;
    reg [17:0] reada = 0, readb = 0, outa = 0, outb = 0;

    function [35:0] word(input [31:0] width, input [13:0] address, input [35:0] four);
        case (width)
            36: word = four;
            18: word = address[4] ? four[35:18] : four[17:0];
            9: word = four[address[4:3] * 9 +: 9];
            default: word = four[address[4:3] * 9 + address[2:0] +: 8] & ((1 << width) - 1);
        endcase
    endfunction

    function [35:0] places(input [31:0] width, input [13:0] address);
        case (width)
            36: places = {{9{address[3]}}, {9{address[2]}}, {9{address[1]}}, {9{address[0]}}};
            18: places = {{9{address[1]}}, {9{address[0]}}} << (address[4] * 18);
            9: places = 36'h1ff << (address[4:3] * 9);
            default: places = ((1 << width) - 1) << (address[4:3] * 9 + address[2:0]);
        endcase
    endfunction

    wire [35:0] foura = {memory[ada[13:5]*4+3], memory[ada[13:5]*4+2], memory[ada[13:5]*4+1], memory[ada[13:5]*4]};
    wire [35:0] fourb = {memory[adb[13:5]*4+3], memory[adb[13:5]*4+2], memory[adb[13:5]*4+1], memory[adb[13:5]*4]};
    wire [35:0] worda = word(DATA_WIDTH_A, ada, foura), wordb = word(DATA_WIDTH_B, adb, fourb);
    wire [35:0] placesa = places(DATA_WIDTH_A, ada);
    wire [35:0] dia = DATA_WIDTH_A == 36 ? di
        : DATA_WIDTH_A == 18 ? {di[17:0], di[17:0]}
        : DATA_WIDTH_A == 9 ? {4{di[8:0]}}
        : di[17:0] << (ada[4:3] * 9 + ada[2:0]);
    wire [35:0] merged = foura & ~placesa | dia & placesa;

    always @(posedge CLKA) begin
        if (CEA && WEA) begin
            memory[ada[13:5]*4+3] <= merged[35:27];
            memory[ada[13:5]*4+2] <= merged[26:18];
            memory[ada[13:5]*4+1] <= merged[17:9];
            memory[ada[13:5]*4] <= merged[8:0];
        end
        if (!wide) begin
            if (CEA && (!WEA || WRITEMODE_A == "READBEFOREWRITE")) reada <= worda[17:0];
            if (ocea) outa <= reada;
        end else begin
            if (CEB) reada <= wordb[17:0];
            if (ocea && oceb) outa <= reada;
        end
    end

    always @(posedge CLKB) begin
        if (CEB && !WEB)
            readb <= DATA_WIDTH_B == 36 ? wordb[35:18] : wordb[17:0];
        if (oceb && (!wide || ocea)) outb <= readb;
    end

    assign {DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9,
        DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2, DOA1, DOA0}
        = REGMODE_A == "OUTREG" ? outa : reada;
    assign {DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9,
        DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2, DOB1, DOB0}
        = REGMODE_B == "OUTREG" ? outb : readb;
endmodule
