// A board's whole design, clocked, with this end of its line.

#pragma once

#include <cstdint>
#include <memory>

#include "Vtop.h"
#include "line.h"
#include "verilated.h"

class Board {
public:
    // `bit`: length of a bit at this end, in cycles; `seed`: for what has no value at power-up.
    Board(double bit, int seed) : m_bit{bit}, m_seed{seed} { power_up(); }

    // Everything as after configuration; what was on the line is gone.
    void power_up() {
        m_top.reset();  // before its context goes
        m_context = std::make_unique<VerilatedContext>();
        m_context->randReset(2);  // whatever has no value at power-up starts as random bits
        m_context->randSeed(m_seed++);
        m_top = std::make_unique<Vtop>(m_context.get());
        m_line = std::make_unique<Line>(m_bit);
        m_top->crystal_pin = 0;
        Line::rest(*m_top);
        m_top->eval();
    }

    Line& line() { return *m_line; }

    uint64_t now() const { return m_now; }

    // One clock cycle.
    void step() {
        m_line->drive(*m_top, m_now);
        m_top->crystal_pin = 1;
        m_top->eval();
        m_top->crystal_pin = 0;
        m_top->eval();
        m_line->listen(*m_top, m_now);
        m_now++;
    }

private:
    double m_bit;
    int m_seed;
    uint64_t m_now = 0;
    std::unique_ptr<VerilatedContext> m_context;
    std::unique_ptr<Vtop> m_top;
    std::unique_ptr<Line> m_line;
};
