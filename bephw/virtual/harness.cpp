// Clocks a board's whole design, and is at the other end of its serial line; `bephw/virtual/board.py` speaks to it.
//
//     bephw BIT SEED
//
// BIT is the length of a bit at this end, in clock cycles, and need not be whole. A request on standard input is a
// letter and its operands, each of 8 bytes, the lowest first:
//
//     S count, bytes      send them, as soon as those before them are gone
//     R cycles            simulate until so many cycles have passed, or a byte has come, or all are sent
//                         -> cycles that passed, bytes still to be sent, bytes that came: count, bytes
//     P                   power-up: everything as after configuration; what was on the line is gone
//
// A byte that comes is one with a high stop bit; else it is dropped, as a UART does. Ends with the input. Bytes are
// copied as on a little-endian machine.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "Vtop.h"
#include "verilated.h"

namespace {

constexpr int CUT_OFF = 4;

void read_bytes(void* into, size_t size) {
    if (size && fread(into, size, 1, stdin) != 1) exit(CUT_OFF);
}

uint64_t operand() {
    uint64_t value;
    read_bytes(&value, sizeof value);
    return value;
}

void tell(uint64_t value) {
    if (fwrite(&value, sizeof value, 1, stdout) != 1) exit(CUT_OFF);
}

// Both directions of the line, at the host's end. Times are in cycles since the start.
class Line {
public:
    explicit Line(double bit) : m_bit{bit} {}

    std::deque<uint8_t> going;
    std::vector<uint8_t> came;

    // The level that the board sees in this cycle.
    bool level(uint64_t now) {
        if (m_sending < 0) {
            if (going.empty()) return true;
            m_frame = going.front() << 1 | 1 << 9;
            going.pop_front();
            m_sending = 0;
            m_begun = now > m_free ? now : m_free;  // bytes follow one another without a gap
        }
        while (now >= m_begun + (m_sending + 1) * m_bit) {
            if (++m_sending == 10) {
                m_free = m_begun + 10 * m_bit;
                m_sending = -1;
                return level(now);
            }
        }
        return m_frame >> m_sending & 1;
    }

    // The level that the board drives in this cycle.
    void listen(uint64_t now, bool level) {
        if (m_receiving < 0) {
            if (!level && m_before) {
                m_receiving = 0;
                m_seen = now;
            }
        } else if (now >= m_seen + (m_receiving + 1.5) * m_bit) {
            if (m_receiving == 8) {
                if (level) came.push_back(m_byte);
                m_receiving = -1;
            } else {
                m_byte = m_byte >> 1 | level << 7;
                m_receiving++;
            }
        }
        m_before = level;
    }

    bool sending() const { return m_sending >= 0 || !going.empty(); }

private:
    double m_bit, m_begun = 0, m_free = 0, m_seen = 0;
    int m_sending = -1, m_receiving = -1;
    unsigned m_frame = 0;
    uint8_t m_byte = 0;
    bool m_before = true;
};

class Board {
public:
    Board(double bit, int seed) : m_bit{bit}, m_seed{seed} { power_up(); }

    void power_up() {
        m_top.reset();  // before its context goes
        m_context = std::make_unique<VerilatedContext>();
        m_context->randReset(2);  // whatever has no value at power-up starts as random bits
        m_context->randSeed(m_seed++);
        m_top = std::make_unique<Vtop>(m_context.get());
        m_line = std::make_unique<Line>(m_bit);
        m_top->crystal_pin = 0;
        m_top->receive_pin = 1;
        m_top->eval();
    }

    void send() {
        for (uint64_t count = operand(); count; count--) {
            uint8_t byte;
            read_bytes(&byte, 1);
            m_line->going.push_back(byte);
        }
    }

    void run() {
        const uint64_t most = operand();
        const bool sending = m_line->sending();
        uint64_t passed = 0;
        while (passed < most && m_line->came.empty() && !(sending && !m_line->sending())) {
            m_top->receive_pin = m_line->level(m_now);
            m_top->crystal_pin = 1;
            m_top->eval();
            m_top->crystal_pin = 0;
            m_top->eval();
            m_line->listen(m_now, m_top->transmit_pin);
            m_now++;
            passed++;
        }
        tell(passed);
        tell(m_line->going.size());
        tell(m_line->came.size());
        fwrite(m_line->came.data(), 1, m_line->came.size(), stdout);
        m_line->came.clear();
        fflush(stdout);
    }

private:
    double m_bit;
    int m_seed;
    uint64_t m_now = 0;
    std::unique_ptr<VerilatedContext> m_context;
    std::unique_ptr<Vtop> m_top;
    std::unique_ptr<Line> m_line;
};

}  // namespace

int main(int count, char** arguments) {
    if (count < 3) return CUT_OFF;
    Board board{strtod(arguments[1], nullptr), atoi(arguments[2])};
    for (int letter; (letter = getchar()) != EOF;) {
        switch (letter) {
            case 'S': board.send(); break;
            case 'R': board.run(); break;
            case 'P': board.power_up(); break;
            default: return CUT_OFF;
        }
    }
    return 0;
}
