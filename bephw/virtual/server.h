// A board for any program that opens a TCP port or a pseudo-terminal: one host at a time, one after another.

#pragma once

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "board.h"

// Tells on standard output, a line each: "tcp PORT", "pty NAME" when hosts may come, "host tcp|pty" when one has,
// "gone" when it has left, "cycles NUMBER" about once a second while one is there; "failed REASON" before it ends. On
// standard input "P" is power-up; it ends with its input. The board's time stands still while no host is there.
class Server {
public:
    Server(Board& board, int port, bool terminal) : m_board{board}, m_port{port} {
        if (port >= 0) listen();
        if (terminal) open_terminal();
    }

    void run() {
        while (commands()) {
            if (m_host == NONE) {
                admit();
                continue;
            }
            for (int cycle = 0; cycle < CHUNK; cycle++) m_board.step();
            if (!exchange()) leave();
            tell_rate();
        }
    }

private:
    enum Host { NONE, TCP, PTY };
    using Clock = std::chrono::steady_clock;

    static constexpr int CHUNK = 256;          // cycles between two looks: some half a millisecond
    static constexpr size_t MOST = 1 << 16;    // bytes that wait for the line, or for the host
    static constexpr int NOBODY = 50;          // milliseconds to the next look where no host is there
    static constexpr int IDLE = 5;             // milliseconds of rest between chunks where nothing has moved
    static constexpr int QUIET_CHUNKS = 2000;  // without a byte, until nothing moves

    [[noreturn]] static void fail(const char* what) {
        printf("failed %s: %s\n", what, strerror(errno));
        fflush(stdout);
        exit(1);
    }

    void listen() {
        m_listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int yes = 1;
        setsockopt(m_listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);  // whoever reaches it may do anything with the board
        address.sin_port = htons(m_port);
        if (bind(m_listener, reinterpret_cast<sockaddr*>(&address), sizeof address) || ::listen(m_listener, 1))
            fail("TCP port");
        socklen_t size = sizeof address;
        getsockname(m_listener, reinterpret_cast<sockaddr*>(&address), &size);
        if (m_port != ntohs(address.sin_port) || !m_told) {
            m_port = ntohs(address.sin_port);  // the same again, when the next host is waited for
            m_told = true;
            say("tcp", std::to_string(m_port).c_str());
        }
    }

    void open_terminal() {
        m_terminal = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        if (m_terminal < 0 || grantpt(m_terminal) || unlockpt(m_terminal)) fail("pseudo-terminal");
        const char* name = ptsname(m_terminal);
        termios raw{};
        const int other = open(name, O_RDWR | O_NOCTTY);
        if (other < 0) fail("pseudo-terminal");
        tcgetattr(other, &raw);
        cfmakeraw(&raw);
        tcsetattr(other, TCSANOW, &raw);
        close(other);  // from now on reading says whether anybody has it open
        say("pty", name);
    }

    static void say(const char* what, const char* more) {
        printf("%s%s%s\n", what, *more ? " " : "", more);
        fflush(stdout);
    }

    // What came on standard input; false at its end.
    bool commands() {
        pollfd input{STDIN_FILENO, POLLIN, 0};
        while (poll(&input, 1, 0) > 0) {
            char letter;
            if (read(STDIN_FILENO, &letter, 1) != 1) return false;
            if (letter == 'P') m_board.power_up();
        }
        return true;
    }

    void admit() {
        pollfd waited[2] = {{STDIN_FILENO, POLLIN, 0}, {m_listener, POLLIN, 0}};
        poll(waited, m_listener < 0 ? 1 : 2, NOBODY);
        if (m_listener >= 0 && (waited[1].revents & POLLIN)) {
            m_client = accept4(m_listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (m_client >= 0) {
                const int yes = 1;
                setsockopt(m_client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                begin(TCP);
            }
        } else if (m_terminal >= 0) {
            uint8_t bytes[4096];
            const ssize_t count = read(m_terminal, bytes, sizeof bytes);
            if (count > 0) m_board.line().going.assign(bytes, bytes + count);
            if (count > 0 || (count < 0 && errno == EAGAIN)) begin(PTY);
        }
    }

    void begin(Host host) {
        m_host = host;
        if (m_listener >= 0) close(m_listener);  // a second host is refused at once
        m_listener = -1;
        m_leaving.clear();
        m_board.line().came.clear();
        m_quiet = 0;
        m_told_at = Clock::now();
        say("host", host == TCP ? "tcp" : "pty");
    }

    void leave() {
        if (m_host == TCP) close(m_client);
        m_host = NONE;
        m_board.line().going.clear();
        if (m_port >= 0) listen();  // before it is told: who hears of it may come at once
        say("gone", "");
    }

    // Bytes from the host to the line, and back; false where the host is gone.
    bool exchange() {
        const int host = m_host == TCP ? m_client : m_terminal;
        Line& line = m_board.line();
        bool moved = line.sending();
        if (line.going.size() < MOST) {
            uint8_t bytes[4096];
            const ssize_t count = read(host, bytes, sizeof bytes);
            if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) return false;
            if (count > 0) line.going.insert(line.going.end(), bytes, bytes + count);
            moved |= count > 0;
        }
        if (!line.came.empty()) {
            moved = true;
            // A host that reads nothing loses bytes, as it would from a serial line.
            if (m_leaving.size() < MOST) m_leaving.insert(m_leaving.end(), line.came.begin(), line.came.end());
            line.came.clear();
        }
        if (!m_leaving.empty()) {
            const ssize_t count = m_host == TCP ? send(host, m_leaving.data(), m_leaving.size(), MSG_NOSIGNAL)
                                                : write(host, m_leaving.data(), m_leaving.size());
            if (count < 0 && errno != EAGAIN && errno != EINTR) return false;
            if (count > 0) m_leaving.erase(m_leaving.begin(), m_leaving.begin() + count);
        }
        m_quiet = moved ? 0 : m_quiet + 1;
        if (m_quiet > QUIET_CHUNKS) {
            pollfd waited[2] = {{host, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
            poll(waited, 2, IDLE);
        }
        return true;
    }

    void tell_rate() {
        const Clock::time_point now = Clock::now();
        if (now - m_told_at < std::chrono::seconds(1)) return;
        m_told_at = now;
        say("cycles", std::to_string(m_board.now()).c_str());
    }

    Board& m_board;
    int m_port;
    bool m_told = false;
    int m_listener = -1, m_client = -1, m_terminal = -1;
    Host m_host = NONE;
    std::vector<uint8_t> m_leaving;
    int m_quiet = 0;
    Clock::time_point m_told_at;
};
