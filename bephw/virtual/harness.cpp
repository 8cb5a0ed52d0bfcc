// Clocks a board's whole design, and is at the other end of its line.
//
//     bephw BIT SEED                     for `bephw/virtual/board.py`: in the cycles that it asks for
//     bephw BIT SEED serve PORT PTY      for any host (`server.h`): TCP port (0 any, -1 none), pseudo-terminal (0 or 1)
//
// BIT is the length of a bit at this end, in clock cycles, and need not be whole. A request on standard input is a
// letter and its operands, each of 8 bytes, the lowest first:
//
//     S count, bytes      send them, as soon as those before them are gone
//     R cycles            simulate until so many cycles have passed, or a byte has come, or all are sent
//                         -> cycles that passed, bytes still to be sent, bytes that came: count, bytes
//     D cycles            the same, whatever comes meanwhile
//     P                   power-up: everything as after configuration; what was on the line is gone
//
// Ends with the input. Bytes are copied as on a little-endian machine.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "board.h"
#include "server.h"

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

void send(Line& line) {
    for (uint64_t count = operand(); count; count--) {
        uint8_t byte;
        read_bytes(&byte, 1);
        line.going.push_back(byte);
    }
}

void run(Board& board, bool until_a_byte) {
    Line& line = board.line();
    const uint64_t begun = board.now(), most = operand();
    const bool sending = line.sending();
    while (board.now() - begun < most && !(until_a_byte && !line.came.empty()) && !(sending && !line.sending()))
        board.step();
    tell(board.now() - begun);
    tell(line.going.size());
    tell(line.came.size());
    fwrite(line.came.data(), 1, line.came.size(), stdout);
    line.came.clear();
    fflush(stdout);
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 3) return CUT_OFF;
    Board board{strtod(arguments[1], nullptr), atoi(arguments[2])};
    if (count == 6 && !strcmp(arguments[3], "serve")) {
        Server{board, atoi(arguments[4]), atoi(arguments[5]) != 0}.run();
        return 0;
    }
    for (int letter; (letter = getchar()) != EOF;) {
        switch (letter) {
            case 'S': send(board.line()); break;
            case 'R': run(board, true); break;
            case 'D': run(board, false); break;
            case 'P': board.power_up(); break;
            default: return CUT_OFF;
        }
    }
    return 0;
}
