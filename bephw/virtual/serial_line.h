// The host's end of a board's serial line: bits, and the bytes that they make. Times are in cycles since the start.

#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "Vtop.h"

class Line {
public:
    explicit Line(double bit) : m_bit{bit} {}

    std::deque<uint8_t> going;
    std::vector<uint8_t> came;

    // Before a cycle's rising edge: the level that the board sees.
    void drive(Vtop& top, uint64_t now) { top.receive_pin = level(now); }

    // After it: the level that the board drives. A byte that comes is one with a high stop bit; else it is dropped.
    void listen(Vtop& top, uint64_t now) {
        const bool level = top.transmit_pin;
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

    static void rest(Vtop& top) { top.receive_pin = 1; }

private:
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

    double m_bit, m_begun = 0, m_free = 0, m_seen = 0;
    int m_sending = -1, m_receiving = -1;
    unsigned m_frame = 0;
    uint8_t m_byte = 0;
    bool m_before = true;
};
