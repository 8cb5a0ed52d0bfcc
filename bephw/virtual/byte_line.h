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

    // Before a cycle's rising edge. A byte has to stay for 6 cycles (boards/link/frame_receiver.py).
    void drive(Vtop& top, uint64_t) {
        top.receive_valid = !m_wait && !going.empty();
        if (top.receive_valid) {
            top.receive_payload = going.front();
            going.pop_front();
            m_wait = SPACING;
        }
        if (m_wait) m_wait--;
    }

    // After its falling edge: what is offered is taken at the next rising one.
    void listen(Vtop& top, uint64_t) {
        if (top.transmit_valid) came.push_back(top.transmit_payload);
    }

    bool sending() const { return m_wait || !going.empty(); }

    static void rest(Vtop& top) {
        top.receive_valid = 0;
        top.transmit_ready = 1;
    }

private:
    static constexpr int SPACING = 8;
    int m_wait = 0;
};
