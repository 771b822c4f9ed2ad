/* libuv's streams under virtual time. A connection delivers its bytes in order, or not at all: what
 * goes wrong with it is delay, a cut in one direction or both (what is sent waits until the network
 * heals), a reset (what is under way is lost), and an end that lost its power and says nothing.
 *
 * Side 0 dialled, side 1 accepted. Each end knows what is under way to it. */
#include "sim.h"

#include "base/ensure.h"
#include "base/memory.h"

#include <arpa/inet.h>
#include <string.h>

#define WINDOW_BYTES 65536 /* under way to one end before a sender has to wait */
#define SYN_AGAIN_MS 1000
#define PIECE_BYTES 1500 /* on a slow line */

struct sim_end {
    struct sim_host *host;
    unsigned life;
    uv_tcp_t *tcp;   /* NULL: not accepted yet, or closed */
    int64_t last_ms; /* arrival of the last piece under way */
    size_t under_way;
    struct buf held; /* arrived at a cut */
    bool held_end;
    /* What this end waits for. */
    uv_connect_t *connect;
    uv_write_t *write;
    struct buf write_bytes;
};

struct sim_conn {
    struct world *world;
    struct sim_end end[2];
    bool refused;
};

/* ---- connections and handles ---- */

static struct sim_conn *conn_of(const uv_tcp_t *tcp)
{
    return tcp->u.reserved[1];
}

static unsigned side_of(const uv_tcp_t *tcp)
{
    return tcp->u.reserved[2] != NULL;
}

static void tie(struct sim_conn *conn, unsigned side, uv_tcp_t *tcp)
{
    struct sim_end *end = &conn->end[side];
    end->host = sim_here;
    end->life = sim_here->life;
    end->tcp = tcp;
    tcp->u.reserved[1] = conn;
    tcp->u.reserved[2] = side ? conn : NULL;
}

static struct sim_conn *conn_new(struct world *world)
{
    struct sim_conn *conn = memory_alloc(sizeof *conn);
    conn->world = world;
    if (world->conn_count == world->conn_capacity) {
        world->conn_capacity = world->conn_capacity ? 2 * world->conn_capacity : 64;
        world->conn = memory_resize(world->conn, world->conn_capacity * sizeof *world->conn);
    }
    world->conn[world->conn_count++] = conn;
    return conn;
}

void tcp_free(struct world *world)
{
    for (size_t i = 0; i < world->conn_count; i++) {
        for (unsigned side = 0; side < 2; side++) {
            buf_free(&world->conn[i]->end[side].held);
            buf_free(&world->conn[i]->end[side].write_bytes);
        }
        memory_free(world->conn[i]);
    }
    memory_free(world->conn);
}

static bool is_alive(const struct sim_end *end)
{
    return end->tcp != NULL && end->host->up && end->host->life == end->life;
}

/* Whether nothing gets from the other end to this one. */
static bool is_cut(const struct sim_conn *conn, unsigned to)
{
    const struct sim_host *from = conn->end[!to].host, *at = conn->end[to].host;
    const struct link_weather *weather = &conn->world->weather[from->index][at->index];
    return weather->cut_split || weather->cut_one_way;
}

/* ---- pieces under way ---- */

static int64_t travel_ms(struct sim_conn *conn, unsigned to)
{
    struct world *world = conn->world;
    int64_t delay_ms = 1 + (int64_t)sim_below(world, 20);
    if (sim_chance(world, world->storm.slow_percent)) {
        delay_ms += (int64_t)sim_below(world, 2000);
        world->counters->delayed++;
    }
    if (conn->end[!to].host->conduct == CONDUCT_SLOW) {
        delay_ms += 100 + (int64_t)sim_below(world, 900);
        world->counters->slow_liar++;
    }
    return delay_ms;
}

static struct occurrence *travel(struct sim_conn *conn, unsigned to, enum happening kind)
{
    struct world *world = conn->world;
    struct sim_end *end = &conn->end[to];
    int64_t at_ms = world->now_ms + travel_ms(conn, to);
    if (at_ms < end->last_ms)
        at_ms = end->last_ms; /* nothing overtakes on a connection */
    end->last_ms = at_ms;
    struct occurrence *what = sim_later(world, at_ms - world->now_ms, kind, NULL);
    what->conn = conn;
    what->side = to;
    return what;
}

static void reset(struct sim_conn *conn, unsigned side)
{
    struct world *world = conn->world;
    struct occurrence *what =
        sim_later(world, 1 + (int64_t)sim_below(world, 20), HAPPEN_RESET, NULL);
    what->conn = conn;
    what->side = side;
}

/* A slow line brings it bit by bit, each after the one before. */
static void send_piece(struct sim_conn *conn, unsigned to, const void *bytes, size_t len)
{
    struct world *world = conn->world;
    struct sim_end *end = &conn->end[to];
    int64_t rate = end->host != NULL ? end->host->line_bytes_s : 0;
    for (; rate > 0 && len > PIECE_BYTES; len -= PIECE_BYTES) {
        send_piece(conn, to, bytes, PIECE_BYTES);
        bytes = (const char *)bytes + PIECE_BYTES;
    }
    if (rate > 0) {
        int64_t free_ms = end->last_ms > world->now_ms ? end->last_ms : world->now_ms;
        end->last_ms = free_ms + (int64_t)len * 1000 / rate;
        world->counters->slow_lines++;
    }
    end->under_way += len;
    buf_append(&travel(conn, to, HAPPEN_BYTES)->bytes, bytes, len);
    if (sim_rarely(world, world->storm.reset_one_in)) {
        world->counters->resets++;
        reset(conn, 0);
        reset(conn, 1);
    }
}

/* ---- dialling ---- */

static struct sim_host *host_at(const struct sockaddr *address)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)address;
    struct world *world = sim_here->world;
    size_t member = ntohl(in->sin_addr.s_addr) & 0xff;
    struct sim_host *found[2] = {NULL, NULL};
    size_t count = 0;
    for (size_t i = 0; i < world->host_count && count < 2; i++) {
        if (world->host[i].identity == &world->founding->member[member])
            found[count++] = &world->host[i];
    }
    ENSURE(count > 0 && ntohs(in->sin_port) == SIM_PEER_PORT);
    return count > 1 && sim_chance(world, 50) ? found[1] : found[0];
}

int uv_tcp_connect(uv_connect_t *request, uv_tcp_t *handle, const struct sockaddr *address,
                   uv_connect_cb cb)
{
    struct world *world = sim_here->world;
    struct sim_host *host = host_at(address);
    struct sim_conn *conn = conn_new(world);
    tie(conn, 0, handle);
    conn->end[0].connect = request;
    conn->end[1].host = host;
    request->cb = cb;
    request->handle = (uv_stream_t *)handle;
    (void)travel(conn, 1, HAPPEN_CONNECT);
    return 0;
}

/* The other machine is there and listens, or says that nobody does, or says nothing. */
static void arrive_connect(struct sim_conn *conn)
{
    struct world *world = conn->world;
    struct sim_end *from = &conn->end[0];
    struct sim_host *host = conn->end[1].host;
    if (!is_alive(from) || from->connect == NULL)
        return;
    if (is_cut(conn, 0) || is_cut(conn, 1) || (!host->up && host->power)) {
        struct occurrence *again = sim_later(world, SYN_AGAIN_MS, HAPPEN_CONNECT, NULL);
        again->conn = conn;
        return;
    }
    if (!host->up || host->loop.listener == NULL) {
        reset(conn, 0);
        return;
    }
    sim_here = host;
    host->loop.listener->accepted_fd = 0;
    host->loop.listener->queued_fds = conn;
    host->loop.listener->connection_cb(host->loop.listener, 0);
    loop_end_turn(host);
    host_settle(host);
    sim_here = NULL;
    (void)travel(conn, 0, HAPPEN_CONNECTED);
}

int uv_accept(uv_stream_t *listener, uv_stream_t *client)
{
    struct sim_conn *conn = listener->queued_fds;
    if (conn == NULL)
        return UV_EAGAIN;
    listener->queued_fds = NULL;
    tie(conn, 1, (uv_tcp_t *)client);
    return 0;
}

static void finish_connect(struct sim_end *end, int status)
{
    uv_connect_t *connect = end->connect;
    end->connect = NULL;
    connect->cb(connect, status);
}

/* ---- arriving ---- */

static void take_bytes(uv_tcp_t *tcp, struct view bytes)
{
    while (bytes.len > 0 && tcp->read_cb != NULL && !uv_is_closing((uv_handle_t *)tcp)) {
        uv_buf_t room = {0};
        tcp->alloc_cb((uv_handle_t *)tcp, 65536, &room);
        size_t len = bytes.len < room.len ? bytes.len : room.len;
        memcpy(room.base, bytes.data, len);
        bytes = view_of(bytes.data + len, bytes.len - len);
        tcp->read_cb((uv_stream_t *)tcp, (ssize_t)len, &room);
    }
}

/* A sender that waited for room goes on. */
static void make_room(struct sim_conn *conn, unsigned to, size_t len)
{
    struct sim_end *from = &conn->end[!to];
    conn->end[to].under_way -= len;
    if (from->write != NULL && is_alive(from) && conn->end[to].under_way < WINDOW_BYTES) {
        struct occurrence *what = sim_later(conn->world, 0, HAPPEN_WRITTEN, NULL);
        what->conn = conn;
        what->side = !to;
    }
}

static void arrive_bytes(struct sim_conn *conn, unsigned to, struct view bytes)
{
    struct sim_end *end = &conn->end[to];
    if (is_cut(conn, to) || end->held.len > 0) {
        conn->world->counters->cut_split +=
            conn->world->weather[conn->end[!to].host->index][end->host->index].cut_split;
        conn->world->counters->cut_one_way +=
            conn->world->weather[conn->end[!to].host->index][end->host->index].cut_one_way;
        buf_append_view(&end->held, bytes);
        return;
    }
    make_room(conn, to, bytes.len);
    if (!is_alive(end)) {
        if (end->host->up || !end->host->power)
            reset(conn, !to); /* nobody knows this connection */
        return;
    }
    sim_mix(conn->world, bytes.data, bytes.len);
    take_bytes(end->tcp, bytes);
}

/* The other end is closed (status UV_EOF), or gone. */
static void arrive_end(struct sim_conn *conn, unsigned to, int status)
{
    struct sim_end *end = &conn->end[to];
    if (!is_alive(end))
        return;
    if (status == UV_EOF && (is_cut(conn, to) || end->held.len > 0)) {
        end->held_end = true;
        return;
    }
    if (end->connect != NULL) {
        finish_connect(end, status == UV_EOF ? UV_ECONNRESET : UV_ECONNREFUSED);
    } else if (end->tcp->read_cb != NULL && !uv_is_closing((uv_handle_t *)end->tcp)) {
        const uv_buf_t nothing = {0};
        end->tcp->read_cb((uv_stream_t *)end->tcp, status, &nothing);
    }
}

static void finish_write(struct sim_conn *conn, unsigned side)
{
    struct sim_end *end = &conn->end[side];
    uv_write_t *write = end->write;
    if (write == NULL)
        return;
    end->write = NULL;
    send_piece(conn, !side, end->write_bytes.data, end->write_bytes.len);
    buf_clear(&end->write_bytes);
    write->cb(write, 0);
}

void tcp_happen(struct world *world, struct occurrence *what)
{
    struct sim_conn *conn = what->conn;
    struct sim_end *end = &conn->end[what->side];
    (void)world;
    if (what->kind == HAPPEN_CONNECT) {
        arrive_connect(conn);
        return;
    }
    bool alive = is_alive(end);
    sim_here = alive ? end->host : NULL;
    if (what->kind == HAPPEN_BYTES)
        arrive_bytes(conn, what->side, view_of_buf(&what->bytes));
    else if (what->kind == HAPPEN_END)
        arrive_end(conn, what->side, UV_EOF);
    else if (what->kind == HAPPEN_RESET)
        arrive_end(conn, what->side, UV_ECONNRESET);
    else if (what->kind == HAPPEN_CONNECTED && alive && end->connect != NULL)
        finish_connect(end, 0);
    else if (what->kind == HAPPEN_WRITTEN && alive)
        finish_write(conn, what->side);
    if (alive) {
        loop_end_turn(end->host);
        host_settle(end->host);
    }
    sim_here = NULL;
}

/* What waited at a cut goes on, a retransmission later. */
void tcp_heal(struct world *world)
{
    for (size_t i = 0; i < world->conn_count; i++) {
        struct sim_conn *conn = world->conn[i];
        for (unsigned to = 0; to < 2; to++) {
            struct sim_end *end = &conn->end[to];
            if (end->host == NULL || conn->end[!to].host == NULL || is_cut(conn, to))
                continue;
            int64_t later_ms = world->now_ms + (int64_t)sim_below(world, 400);
            if (end->last_ms < later_ms)
                end->last_ms = later_ms;
            if (end->held.len > 0) {
                struct occurrence *what = travel(conn, to, HAPPEN_BYTES);
                what->bytes = end->held;
                end->held = (struct buf){0};
            }
            if (end->held_end)
                (void)travel(conn, to, HAPPEN_END);
            end->held_end = false;
        }
    }
}

/* A slow line is replaced by another: what queues for it is lost, since it would take minutes. */
void tcp_mend_lines(struct world *world)
{
    for (size_t i = 0; i < world->conn_count; i++) {
        struct sim_conn *conn = world->conn[i];
        for (unsigned to = 0; to < 2; to++) {
            const struct sim_end *end = &conn->end[to];
            if (end->host != NULL && end->host->line_bytes_s > 0 && end->under_way > 0) {
                reset(conn, 0);
                reset(conn, 1);
            }
        }
    }
    for (size_t i = 0; i < world->host_count; i++)
        world->host[i].line_bytes_s = 0;
}

/* ---- libuv's functions ---- */

int uv_tcp_init(uv_loop_t *loop, uv_tcp_t *tcp)
{
    tcp->read_cb = NULL;
    tcp->connection_cb = NULL;
    tcp->queued_fds = NULL;
    return loop_init_handle(loop, (uv_handle_t *)tcp, UV_TCP);
}

int uv_listen(uv_stream_t *stream, int backlog, uv_connection_cb cb)
{
    (void)backlog;
    stream->connection_cb = cb;
    sim_here->loop.listener = stream;
    return 0;
}

int uv_tcp_getsockname(const uv_tcp_t *tcp, struct sockaddr *name, int *len)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(SIM_PEER_PORT)};
    (void)tcp;
    ENSURE((size_t)*len >= sizeof address);
    memcpy(name, &address, sizeof address);
    *len = (int)sizeof address;
    return 0;
}

int uv_read_start(uv_stream_t *stream, uv_alloc_cb alloc_cb, uv_read_cb read_cb)
{
    stream->alloc_cb = alloc_cb;
    stream->read_cb = read_cb;
    return 0;
}

int uv_try_write(uv_stream_t *stream, const uv_buf_t *pieces, unsigned count)
{
    struct sim_conn *conn = conn_of((uv_tcp_t *)stream);
    unsigned side = side_of((uv_tcp_t *)stream);
    ENSURE(count == 1 && conn != NULL);
    size_t len = pieces[0].len;
    if (sim_here->dead)
        return (int)len; /* nobody will ever see it */
    if (conn->end[!side].under_way >= WINDOW_BYTES)
        return UV_EAGAIN;
    if (len > 1 && conn->world->storm.slow_percent > 0 && sim_rarely(conn->world, 200)) {
        len = 1 + sim_below(conn->world, len - 1);
        conn->world->counters->short_writes++;
    }
    send_piece(conn, !side, pieces[0].base, len);
    return (int)len;
}

int uv_write(uv_write_t *request, uv_stream_t *stream, const uv_buf_t *pieces, unsigned count,
             uv_write_cb cb)
{
    struct sim_conn *conn = conn_of((uv_tcp_t *)stream);
    unsigned side = side_of((uv_tcp_t *)stream);
    struct sim_end *end = &conn->end[side];
    ENSURE(count == 1 && end->write == NULL);
    request->cb = cb;
    request->handle = stream;
    end->write = request;
    buf_append(&end->write_bytes, pieces[0].base, pieces[0].len);
    make_room(conn, !side, 0);
    return 0;
}

static void cancel_connect(void *argument)
{
    uv_connect_t *connect = argument;
    connect->cb(connect, UV_ECANCELED);
}

static void cancel_write(void *argument)
{
    uv_write_t *write = argument;
    write->cb(write, UV_ECANCELED);
}

void tcp_close(uv_tcp_t *tcp)
{
    struct sim_conn *conn = conn_of(tcp);
    if (sim_here->loop.listener == (uv_stream_t *)tcp)
        sim_here->loop.listener = NULL;
    if (conn == NULL)
        return;
    unsigned side = side_of(tcp);
    struct sim_end *end = &conn->end[side];
    if (end->connect != NULL)
        loop_close_later(sim_here, cancel_connect, end->connect);
    if (end->write != NULL)
        loop_close_later(sim_here, cancel_write, end->write);
    end->connect = NULL;
    end->write = NULL;
    end->tcp = NULL;
    if (!(sim_here->dead && sim_here->power) && conn->end[!side].host != NULL)
        (void)travel(conn, !side, HAPPEN_END);
}
