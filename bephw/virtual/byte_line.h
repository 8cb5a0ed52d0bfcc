// The host's end of a board whose serial line is left out: bytes go straight to and from the gateware behind it.

#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "Vtop.h"

class Line {
public:
    explicit Line(double) {}

    std::deque<uint8_t> going;
    std::vector<uint8_t> came;

    // Before a cycle's rising edge. In both directions bytes keep a distance, as on a serial line: the gateware looks at
    // a byte for 6 cycles (boards/link/frame_receiver.py), and needs 5 for the next one (frame_sender.py).
    void drive(Vtop& top, uint64_t) {
        top.receive_valid = !m_going && !going.empty();
        if (top.receive_valid) {
            top.receive_payload = going.front();
            going.pop_front();
            m_going = SPACING;
        }
        if (m_going) m_going--;
        top.transmit_ready = !m_coming && top.transmit_valid;
        if (top.transmit_ready) {
            came.push_back(top.transmit_payload);
            m_coming = SPACING;
        }
        if (m_coming) m_coming--;
    }

    void listen(Vtop&, uint64_t) {}

    bool sending() const { return m_going || !going.empty(); }

    static void rest(Vtop& top) {
        top.receive_valid = 0;
        top.transmit_ready = 0;
    }

private:
    static constexpr int SPACING = 8;
    int m_going = 0, m_coming = 0;  // cycles until the next byte
};
