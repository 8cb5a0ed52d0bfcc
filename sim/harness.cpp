// Clocks a design and does at its ports what standard input asks for; what it finds goes to standard output.
//
//     bephw_trainer SILENCE WRITE_LATENCY READ_LATENCY SEED STALL_SAMPLES STALL_PREDICTIONS STALL_TRANSFERS [+ARGUMENT]...
//
// `sim/harness.py` speaks to it. A request is a letter and its operands, each of 8 bytes, the lowest first:
//
//     W address value              write a register
//     R address                    -> value of the register
//     I address mask               read it, seldom and more seldom, until none of those bits is set
//     L count, payloads            state in, payloads of 8 bytes
//     D count                      -> payloads of 8 bytes, state out
//     S steps                      drive the port of that name, where there is one
//     X samples size words write address value, payloads of `size` bytes
//                                  stream so many words, then write the register if `write` is 1; take a prediction of
//                                  each sample -> blocks: count, payloads of 8 bytes; until all have been told
//     K size words beats cycles, payloads of `size` bytes
//                                  stream until so many beats have moved, `cycles` longer, then reset
//     C                            -> clock cycles simulated so far
//
// Ends with the input, or with status 3 once a request moves nothing for SILENCE cycles. Time discipline as in
// `sim/streams.py`: inputs change after a rising edge, outputs are read before the next one, when they have settled.
// The numbers of cycles are those of the cocotb bench. Bytes are copied as on a little-endian machine.
//
// In names of ports Verilator writes the second of two underscores as ___05F.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "Vtop.h"
#include "verilated.h"

namespace {

constexpr int HANGS = 3, CUT_OFF = 4;
constexpr uint64_t LONGEST_WAIT = 32;       // cycles between two reads of a register that is waited for
constexpr size_t LARGEST_BLOCK = 4096;      // predictions
constexpr uint64_t BLOCK_CYCLES = 1 << 16;  // after which a smaller block is told, for those who wait

void read_bytes(void* into, size_t size) {
    if (size && fread(into, size, 1, stdin) != 1) exit(CUT_OFF);
}

uint64_t operand() {
    uint64_t value;
    read_bytes(&value, sizeof value);
    return value;
}

void tell(const uint64_t* values, size_t count) {
    if (fwrite(values, sizeof *values, count, stdout) != count) exit(CUT_OFF);
}

void tell(uint64_t value) { tell(&value, 1); }

// Words of a stream, as bytes.
struct Words {
    size_t size, count;
    std::vector<uint8_t> bytes;

    Words(size_t size_, size_t count_) : size{size_}, count{count_}, bytes(size_ * count_) {
        read_bytes(bytes.data(), bytes.size());
    }
    const uint8_t* operator[](size_t index) const { return &bytes[index * size]; }
};

// A biased coin for each cycle.
class Stalling {
public:
    Stalling(double chance, uint64_t seed, const char* name) : m_chance{chance} {
        const std::string text = std::to_string(seed) + name;
        std::seed_seq sequence(text.begin(), text.end());
        m_random.seed(sequence);
    }
    bool operator()() { return m_chance > 0 && m_random() < m_chance * 18446744073709551616.0; }

private:
    double m_chance;
    std::mt19937_64 m_random;
};

template <class Port>
void drive(Port& port, const uint8_t* bytes, size_t size) {
    std::remove_reference_t<Port> value{};
    memcpy(&value, bytes, std::min(size, sizeof value));
    port = value;
}

template <class Top, class = void>
struct HasSteps : std::false_type {};
template <class Top>
struct HasSteps<Top, std::void_t<decltype(std::declval<Top&>().steps)>> : std::true_type {};

template <class Top, class = void>
struct HasRegisters : std::false_type {};
template <class Top>
struct HasRegisters<Top, std::void_t<decltype(std::declval<Top&>().csr___05Fwrite)>> : std::true_type {};

template <class Top>
class Bench {
public:
    Bench(Top& top, char** arguments)
        : m_top{top},
          m_longest_silence{strtoull(arguments[1], nullptr, 10)},
          m_write_latency{strtoull(arguments[2], nullptr, 10)},
          m_read_latency{strtoull(arguments[3], nullptr, 10)},
          m_stalls_samples{strtod(arguments[5], nullptr), strtoull(arguments[4], nullptr, 10), "samples"},
          m_stalls_predictions{strtod(arguments[6], nullptr), strtoull(arguments[4], nullptr, 10), "predictions"},
          m_stalls_load{strtod(arguments[7], nullptr), strtoull(arguments[4], nullptr, 10), "load"},
          m_stalls_dump{strtod(arguments[7], nullptr), strtoull(arguments[4], nullptr, 10), "dump"} {
        m_top.rst = 0;
        quiet();
        if constexpr (HasRegisters<Top>::value) {
            m_top.csr___05Fwrite = 0;
            m_top.csr___05Faddress = 0;
            m_top.load___05Fvalid = 0;
            m_top.dump___05Fready = 0;
        }
        cycle();
        m_clocks = 0;  // counted from the first rising edge
    }

    // False where there is no such request.
    bool serve(int request) {
        m_silence = 0;
        if (request == 'X') return stream(), true;
        if (request == 'C') return tell(m_clocks), true;
        if (request == 'S') {
            const uint64_t steps = operand();
            if constexpr (HasSteps<Top>::value) m_top.steps = steps;
            return true;
        }
        if constexpr (HasRegisters<Top>::value) {
            switch (request) {
                case 'W': return write(), true;
                case 'R': return tell(read(operand())), true;
                case 'I': return until_clear(), true;
                case 'L': return load(), true;
                case 'D': return dump(), true;
                case 'K': return cut_off(), true;
            }
        }
        return false;
    }

private:
    // To the falling edge: outputs have settled.
    void fall() {
        m_top.clk = 0;
        m_top.eval();
    }

    void rise() {
        m_top.clk = 1;
        m_top.eval();
        ++m_clocks;
        if (++m_silence > m_longest_silence) {
            tell_predictions();
            fflush(stdout);
            exit(HANGS);
        }
    }

    void cycle() {
        fall();
        rise();
    }

    void pass_by(uint64_t count) {
        while (count--) cycle();
    }

    void beat() {
        m_silence = 0;
        ++m_beats;
    }

    void quiet() {
        m_top.samples___05Fvalid = 0;
        m_top.predictions___05Fready = 0;
    }

    // ---- registers

    void begin_write(uint64_t address, uint64_t value) {
        m_top.csr___05Faddress = address;
        m_top.csr___05Fwrite_data = value;
        m_top.csr___05Fwrite = 1;
    }

    void write() {
        const uint64_t address = operand();
        begin_write(address, operand());
        cycle();
        m_top.csr___05Fwrite = 0;
        pass_by(m_write_latency - 1);
    }

    uint64_t read(uint64_t address) {
        m_top.csr___05Faddress = address;
        pass_by(m_read_latency);
        fall();
        const uint64_t value = m_top.csr___05Fread_data;
        rise();
        return value;
    }

    void until_clear() {
        const uint64_t address = operand(), mask = operand();
        for (uint64_t wait = 2; read(address) & mask; wait = std::min(2 * wait, LONGEST_WAIT)) pass_by(wait);
    }

    // ---- state

    void load() {
        for (uint64_t count = operand(); count; --count) {
            const uint64_t payload = operand();
            while (m_stalls_load()) {
                m_top.load___05Fvalid = 0;
                cycle();
            }
            m_top.load___05Fpayload = payload;
            m_top.load___05Fvalid = 1;
            bool accepted;
            do {
                fall();
                accepted = m_top.load___05Fready;
                rise();
            } while (!accepted);
            beat();
        }
        m_top.load___05Fvalid = 0;
    }

    void dump() {
        for (uint64_t count = operand(); count;) {
            m_top.dump___05Fready = !m_stalls_dump();
            fall();
            if (m_top.dump___05Fready && m_top.dump___05Fvalid) {
                tell(m_top.dump___05Fpayload);
                beat();
                --count;
            }
            rise();
        }
        m_top.dump___05Fready = 0;
    }

    // ---- samples and predictions

    // A cycle of both streams. True where a word has been accepted.
    bool exchange(const Words& words, size_t next, bool wants_prediction) {
        if (next == words.count) {
            m_top.samples___05Fvalid = 0;
        } else if (!m_offered) {
            m_offered = !m_stalls_samples();
            m_top.samples___05Fvalid = m_offered;
            if (m_offered) drive(m_top.samples___05Fpayload, words[next], words.size);
        }
        m_top.predictions___05Fready = wants_prediction && !m_stalls_predictions();
        fall();
        const bool accepted = m_top.samples___05Fvalid && m_top.samples___05Fready;
        if (m_top.predictions___05Fready && m_top.predictions___05Fvalid) {
            m_predictions.push_back(m_top.predictions___05Fpayload);
            ++m_taken;
            beat();
        }
        rise();
        if (accepted) {
            m_offered = false;
            beat();
        }
        return accepted;
    }

    void stream() {
        const uint64_t samples = operand(), size = operand(), count = operand();
        const uint64_t writes = operand(), address = operand(), value = operand();
        const Words words{size, count};
        m_taken = 0;
        uint64_t writing = writes ? m_write_latency : 0;  // cycles that the write still takes
        uint64_t told = m_clocks;
        for (size_t next = 0; next < words.count || writing || m_taken < samples;) {
            const bool sent = next == words.count;
            if constexpr (HasRegisters<Top>::value) {
                // At once, with samples still in flight: it must act after the last of them.
                if (sent && writing && writing == m_write_latency) begin_write(address, value);
            }
            next += exchange(words, next, m_taken < samples);
            if (sent && writing) {
                if constexpr (HasRegisters<Top>::value) m_top.csr___05Fwrite = 0;
                --writing;
            }
            if (m_predictions.size() == LARGEST_BLOCK || m_clocks - told > BLOCK_CYCLES) {
                tell_predictions();
                fflush(stdout);
                told = m_clocks;
            }
        }
        tell_predictions();
        quiet();
    }

    void tell_predictions() {
        if (m_predictions.empty()) return;
        tell(m_predictions.size());
        tell(m_predictions.data(), m_predictions.size());
        m_predictions.clear();
    }

    void cut_off() {
        const uint64_t size = operand(), count = operand(), beats = operand(), cycles = operand();
        const Words words{size, count};
        const uint64_t before = m_beats;
        uint64_t more = cycles;
        for (size_t next = 0; more;) {
            if (next == words.count || m_beats - before >= beats) --more;
            next += exchange(words, next, true);
        }
        m_offered = false;
        m_predictions.clear();
        quiet();
        m_top.rst = 1;
        cycle();
        m_top.rst = 0;
    }

    Top& m_top;
    const uint64_t m_longest_silence, m_write_latency, m_read_latency;
    Stalling m_stalls_samples, m_stalls_predictions, m_stalls_load, m_stalls_dump;
    uint64_t m_clocks = 0, m_silence = 0, m_beats = 0;
    bool m_offered = false;  // a word, which stays until it is accepted
    uint64_t m_taken = 0;    // predictions, since the stream began
    std::vector<uint64_t> m_predictions;  // not yet told
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 8) return 1;
    VerilatedContext context;
    context.commandArgs(argc, argv);
    Vtop top{&context};
    Bench<Vtop> bench{top, argv};
    for (int request; (request = getchar()) != EOF;) {
        if (!bench.serve(request)) return 1;
        fflush(stdout);
    }
    top.final();
    return 0;
}
