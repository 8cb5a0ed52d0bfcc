// An SDRAM chip of 16 bits and 4 banks, in a mode of one word a command. It knows no times: what a board shows is that
// commands, addresses and data go where they should; the rules of the data sheet are those of the controller's own tests.

module bephw_sdram #(parameter ROW_BITS = 13, parameter COLUMN_BITS = 9, parameter DELAY = 3)
    (input clk, input we_n, input cas_n, input ras_n, input [1:0] bank, input [ROW_BITS-1:0] address, inout [15:0] data);
  reg [15:0] memory [(1 << (ROW_BITS + COLUMN_BITS + 2)) - 1:0];
  reg [ROW_BITS-1:0] row [3:0];
  reg [15:0] words [15:0];
  reg [15:0] shown;
  reg [15:0] reading = 0;
  reg driving = 0;
  wire [ROW_BITS+COLUMN_BITS+1:0] place = {row[bank], bank, address[COLUMN_BITS-1:0]};
  integer index;
  assign data = driving ? shown : 16'bz;
  always @(posedge clk) begin
    if (ras_n == 0 && cas_n == 1 && we_n == 1) row[bank] <= address;
    if (ras_n == 1 && cas_n == 0 && we_n == 0) memory[place] <= data;
    // A word leaves DELAY cycles after its command.
    for (index = 15; index > 0; index = index - 1) words[index] <= words[index - 1];
    words[0] <= memory[place];
    reading <= {reading[14:0], ras_n == 1 && cas_n == 0 && we_n == 1};
    shown <= words[DELAY - 1];
    driving <= reading[DELAY - 1];
  end
endmodule
