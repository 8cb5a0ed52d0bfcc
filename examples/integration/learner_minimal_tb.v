// The shortest way to train: over AXI4-Lite and AXI4-Stream, in plain Verilog.
//
//     $ bephw emit examples/integration/learner.toml --bus axi4-lite --name learner --output build/learner
//     $ iverilog -g2005 -o learner.vvp build/learner/learner.v examples/integration/learner_minimal_tb.v && vvp learner.vvp
//
// Two patterns of 8 bits are two classes. The network sees each of them eight times, then both once more without
// learning. Prints every prediction, and PASS where the last two are right.
module learner_minimal_tb;
  // Registers, by their byte addresses: see learner.h.
  localparam IDENTITY = 14'h000, CONTROL = 14'h004, COMMAND = 14'h008, STATUS = 14'h00c;

  reg aclk = 0, aresetn = 0;
  always #5 aclk = !aclk;

  // Inputs of the design change when the clock falls, and it takes them when the clock rises.
  reg [13:0] awaddr = 0, araddr = 0;
  reg [31:0] wdata = 0;
  reg awvalid = 0, wvalid = 0, bready = 0, arvalid = 0, rready = 0;
  wire [31:0] rdata;
  wire [1:0] bresp, rresp;
  wire awready, wready, bvalid, arready, rvalid;
  reg [7:0] pattern = 0, label = 0;
  reg sample_valid = 0;
  wire [7:0] answer, taught;
  wire sample_ready, answer_valid;

  learner dut (
      .aclk(aclk), .aresetn(aresetn),
      .s_axi_awaddr(awaddr), .s_axi_awprot(3'd0), .s_axi_awvalid(awvalid), .s_axi_awready(awready),
      .s_axi_wdata(wdata), .s_axi_wstrb(4'b1111), .s_axi_wvalid(wvalid), .s_axi_wready(wready),
      .s_axi_bresp(bresp), .s_axi_bvalid(bvalid), .s_axi_bready(bready),
      .s_axi_araddr(araddr), .s_axi_arprot(3'd0), .s_axi_arvalid(arvalid), .s_axi_arready(arready),
      .s_axi_rdata(rdata), .s_axi_rresp(rresp), .s_axi_rvalid(rvalid), .s_axi_rready(rready),
      .s_axis_samples_tdata(pattern), .s_axis_samples_tuser(label), .s_axis_samples_tlast(1'b1),
      .s_axis_samples_tvalid(sample_valid), .s_axis_samples_tready(sample_ready),
      .m_axis_predictions_tdata(answer), .m_axis_predictions_tuser(taught), .m_axis_predictions_tlast(),
      .m_axis_predictions_tvalid(answer_valid), .m_axis_predictions_tready(1'b1),
      // No state in or out here.
      .s_axis_load_tdata(32'd0), .s_axis_load_tlast(1'b0), .s_axis_load_tvalid(1'b0), .s_axis_load_tready(),
      .m_axis_dump_tdata(), .m_axis_dump_tlast(), .m_axis_dump_tvalid(), .m_axis_dump_tready(1'b0)
  );

  // What the last rising edge took, and with it what came.
  reg aw_taken, w_taken, b_taken, ar_taken, r_taken, sample_taken;
  reg [31:0] value;
  integer predictions = 0;
  reg [7:0] prediction;

  always @(posedge aclk) begin
    aw_taken <= awvalid && awready;
    w_taken <= wvalid && wready;
    b_taken <= bvalid && bready;
    ar_taken <= arvalid && arready;
    r_taken <= rvalid && rready;
    sample_taken <= sample_valid && sample_ready;
    value <= rdata;
    if (aresetn && answer_valid) begin
      prediction <= answer;
      predictions <= predictions + 1;
      if (taught[0]) $display("prediction %0d, taught", answer);
      else $display("prediction %0d", answer);
    end
  end

  task write(input [13:0] address, input [31:0] data);
    begin
      {awaddr, wdata} = {address, data};
      {awvalid, wvalid, bready} = 3'b111;
      while (awvalid || wvalid) begin
        @(negedge aclk);
        if (aw_taken) awvalid = 0;
        if (w_taken) wvalid = 0;
      end
      while (!b_taken) @(negedge aclk);
      bready = 0;
    end
  endtask

  task read(input [13:0] address);  // into `value`
    begin
      araddr = address;
      {arvalid, rready} = 2'b11;
      @(negedge aclk);
      while (!ar_taken) @(negedge aclk);
      arvalid = 0;
      while (!r_taken) @(negedge aclk);
      rready = 0;
    end
  endtask

  task wait_until_idle;
    begin
      read(STATUS);
      while (value != 0) read(STATUS);
    end
  endtask

  // One word is a whole sample here. Waits for its prediction.
  task sample(input [7:0] bits, input [7:0] teacher);
    integer earlier;
    begin
      earlier = predictions;
      {pattern, label, sample_valid} = {bits, teacher, 1'b1};
      @(negedge aclk);
      while (!sample_taken) @(negedge aclk);
      sample_valid = 0;
      while (predictions == earlier) @(negedge aclk);
    end
  endtask

  integer turn;
  reg right;

  initial begin
    repeat (2) @(negedge aclk);
    aresetn = 1;
    wait_until_idle;  // the weights that the forward pass sees are being made
    read(IDENTITY);
    right = value == 32'h42455031;
    for (turn = 0; turn < 8; turn = turn + 1) begin
      sample(8'b00001111, 0);
      sample(8'b11000011, 1);
    end
    write(COMMAND, 1);  // end the batch: what it has learnt is to be seen
    wait_until_idle;
    write(CONTROL, 0);  // classify only
    sample(8'b00001111, 0);
    right = right && prediction == 0;
    sample(8'b11000011, 0);
    right = right && prediction == 1;
    if (right) $display("PASS");
    else $display("FAIL");
    $finish;
  end

  initial begin
    #1000000 $display("FAIL: it hangs");
    $finish;
  end
endmodule
