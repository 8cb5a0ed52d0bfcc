// Clocks the emitted trainer as fast as it can: samples from a file, predictions into another, no Python.
//
//     Vbephw_trainer WORDS PREDICTIONS COUNT
//
// In names of ports Verilator writes the second of two underscores as ___05F.
//
// WORDS: payloads of the sample stream, 64 bits each. Ends after COUNT predictions and prints cycles and seconds.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "Vbephw_trainer.h"
#include "verilated.h"

static std::vector<uint64_t> read_words(const char *path) {
    std::vector<uint64_t> words;
    FILE *file = fopen(path, "rb");
    if (!file) exit(1);
    uint64_t word;
    while (fread(&word, sizeof word, 1, file) == 1) words.push_back(word);
    fclose(file);
    return words;
}

int main(int argc, char **argv) {
    VerilatedContext context;
    context.commandArgs(argc, argv);
    Vbephw_trainer top{&context};
    const std::vector<uint64_t> words = read_words(argv[1]);
    const size_t count = strtoull(argv[3], nullptr, 10);
    std::vector<uint32_t> predictions;
    predictions.reserve(count);

    size_t next = 0;
    uint64_t cycles = 0;
    top.rst = 0;
    top.predictions___05Fready = 1;
    const auto start = std::chrono::steady_clock::now();
    while (predictions.size() < count) {
        top.samples___05Fvalid = next < words.size();
        top.samples___05Fpayload = next < words.size() ? words[next] : 0;
        top.clk = 0;
        top.eval();
        // What is handed over at the clock edge that follows.
        const bool taken = top.samples___05Fvalid && top.samples___05Fready;
        if (top.predictions___05Fvalid) predictions.push_back(top.predictions___05Fpayload);
        top.clk = 1;
        top.eval();
        next += taken;
        ++cycles;
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    top.final();
    printf("%llu %.6f\n", static_cast<unsigned long long>(cycles), seconds.count());
    FILE *file = fopen(argv[2], "wb");
    if (!file || fwrite(predictions.data(), sizeof(uint32_t), count, file) != count || fclose(file)) return 1;
    return 0;
}
