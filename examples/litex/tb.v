// Clocks the SoC; its host ends the simulation.
module tb;
  reg clk = 0;
  always #1 clk = !clk;
  soc soc (.sys_clk(clk));
endmodule
