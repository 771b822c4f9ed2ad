/* bench_net DIRECTORY PROFILE CALENDAR BASE_PORT: makes genesis, key files and configurations of a
 * loopback network for benches (see bench_net.h): node 0…3 at peer port BASE, API port BASE+100,
 * each further node one port up. */
#include "bench_net.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "genesis/genesis.h"
#include "genesis/join.h"

#include <inttypes.h>
#include <stdlib.h>

#define PASSPHRASE "bench-only-passphrase"

static const char *directory;

static void stop(const char *what, int error, const struct faults *faults)
{
    AUTO(buf_free) struct buf text = {0};
    if (faults)
        faults_append_text(&text, faults);
    fprintf(stderr, "bench_net: %s: %s\n%s", what, error_english(error), buf_text(&text));
    exit(3);
}

static void must(const char *what, int error)
{
    if (error != 0)
        stop(what, error, NULL);
}

static const char *path_of(size_t member, const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/node%zu/%s", directory, member, name);
    return path;
}

static struct doc *read_doc(const char *path)
{
    AUTO(buf_free) struct buf text = {0};
    struct doc *doc = NULL;
    must(path, file_read(&text, path, 1 << 20));
    must(path, doc_parse(&doc, view_of_buf(&text), 1 << 20));
    return doc;
}

static void add_key(struct doc *keys, size_t member, const char *name, const char *role)
{
    struct public_key public_key;
    struct secret_key secret = bench_secret(member, name);
    must(name, sign_public_key(&public_key, &secret));
    struct doc *key = doc_new_object();
    doc_set_text(key, "name", name);
    doc_set_text(key, "role", role);
    doc_set_bytes(key, "public", view_of(public_key.bytes, sizeof public_key.bytes));
    doc_push(keys, key);
}

/* An officer's key as if opened from a file. */
static struct keyfile opened(const struct secret_key *secret)
{
    struct keyfile key = {.kind = KEYFILE_OFFICER, .secret = (uint8_t *)(uintptr_t)secret->bytes};
    struct public_key public_key;
    must("key", sign_public_key(&public_key, secret));
    memcpy(key.public_bytes, public_key.bytes, sizeof public_key.bytes);
    key.public_len = sizeof public_key.bytes;
    return key;
}

static struct doc *make_join(size_t member, int base_port, const struct keyfile *vote,
                             const struct keyfile *peer)
{
    struct doc *join = doc_new_object();
    struct doc *parties = doc_new_array();
    struct doc *keys = doc_new_array();
    bool center = member == BENCH_MEMBERS - 1;
    doc_set_text(join, "format", "dirchain-join/1");
    doc_set_text(join, "member", bench_member[member]);
    doc_set_format(join, "name", "bench member %zu", member);
    doc_push_text(parties, center ? "center" : "provider");
    if (!center)
        doc_push_text(parties, "consumer");
    doc_set(join, "parties", parties);
    doc_set_format(join, "peer_endpoint", "127.0.0.1:%d", base_port + (int)member);
    doc_set_format(join, "gateway_endpoint", "127.0.0.1:%d", base_port + 200 + (int)member);
    doc_set_bytes(join, "vote_key", view_of(vote->public_bytes, vote->public_len));
    doc_set_bytes(join, "peer_key", view_of(peer->public_bytes, peer->public_len));
    add_key(keys, member, "chief", "chief");
    if (center) {
        add_key(keys, member, "admin", "admin");
        add_key(keys, member, "review", "review");
    }
    for (int i = 0; !center && i < BENCH_KEYS_EACH; i++) {
        char name[32];
        snprintf(name, sizeof name, "compile%d", i);
        add_key(keys, member, name, "compile");
        snprintf(name, sizeof name, "gateway%d", i);
        add_key(keys, member, name, "gateway");
    }
    doc_set(join, "keys", keys);
    return join;
}

static void write_config(size_t member, int base_port)
{
    AUTO(buf_free) struct buf text = {0};
    bool center = member == BENCH_MEMBERS - 1;
    buf_append_format(&text,
                      "data_directory: data\ngenesis: ../genesis.json\nmember: %s\n"
                      "peer_listen: 127.0.0.1:%d\napi_listen: 127.0.0.1:%d\n"
                      "keys: {%speer: peer.key, passphrase_file: passphrase}\n"
                      "log_level: warn\nworker_threads: 1\n",
                      bench_member[member], base_port + (int)member, base_port + 100 + (int)member,
                      center ? "" : "vote: vote.key, ");
    must("config", file_write_atomic(path_of(member, "dirchaind.yaml"), view_of_buf(&text), 0600));
}

static struct doc *make_member(size_t member, int base_port)
{
    static char passphrase_text[] = PASSPHRASE;
    struct passphrase passphrase = {.text = passphrase_text, .len = sizeof passphrase_text - 1};
    struct faults faults = {0};
    struct keyfile vote, peer;
    char vote_label[MEMBER_ID_CHARS + 6], peer_label[MEMBER_ID_CHARS + 6];
    snprintf(vote_label, sizeof vote_label, "%s/vote", bench_member[member]);
    snprintf(peer_label, sizeof peer_label, "%s/peer", bench_member[member]);
    must("directory", file_make_directory(path_of(member, "."), 0700));
    must("vote key", keyfile_create(path_of(member, "vote.key"), KEYFILE_VOTE, vote_label,
                                    &passphrase, KEYFILE_COST_LIGHT));
    must("peer key", keyfile_create(path_of(member, "peer.key"), KEYFILE_PEER, peer_label,
                                    &passphrase, KEYFILE_COST_LIGHT));
    must("vote key", keyfile_open(&vote, path_of(member, "vote.key"), &passphrase));
    must("peer key", keyfile_open(&peer, path_of(member, "peer.key"), &passphrase));
    must("passphrase",
         file_write_atomic(path_of(member, "passphrase"), view_of_text(PASSPHRASE "\n"), 0600));
    struct doc *join = make_join(member, base_port, &vote, &peer);
    struct secret_key chief_secret = bench_secret(member, "chief");
    struct keyfile chief = opened(&chief_secret);
    int error = join_sign(join, &faults, &chief, &vote);
    if (error != 0)
        stop("join request", error, &faults);
    keyfile_close(&vote);
    keyfile_close(&peer);
    write_config(member, base_port);
    return join;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: bench_net DIRECTORY PROFILE CALENDAR BASE_PORT\n");
        return 2;
    }
    directory = argv[1];
    int base_port = (int)strtol(argv[4], NULL, 10);
    struct faults faults = {0};
    AUTO(doc_free) struct doc *profile = read_doc(argv[2]);
    AUTO(doc_free) struct doc *notice = read_doc(argv[3]);
    AUTO(doc_free) struct doc *calendars = doc_new_array();
    AUTO(doc_free) struct doc *joins = doc_new_array();
    AUTO(doc_free) struct doc *validators = doc_new_array();
    AUTO(doc_free) struct doc *params = doc_new_object();
    struct doc *year = NULL;
    must("calendar", civil_calendar_from_notice(&year, &faults, notice));
    doc_push(calendars, year);
    for (size_t i = 0; i < BENCH_MEMBERS; i++) {
        doc_push(joins, make_member(i, base_port));
        if (i < BENCH_AGENCIES)
            doc_push_text(validators, bench_member[i]);
    }
    struct secret_key admin_secret = bench_secret(BENCH_MEMBERS - 1, "admin");
    struct keyfile admin = opened(&admin_secret);
    snprintf(admin.label, sizeof admin.label, "%s/admin", bench_member[BENCH_MEMBERS - 1]);
    struct genesis_plan plan = {.network = "bench",
                                .test = true,
                                .time_ms = clock_wall_ms(),
                                .center = bench_member[BENCH_MEMBERS - 1],
                                .params = params,
                                .profile = profile,
                                .calendars = calendars,
                                .joins = joins,
                                .validators = validators};
    AUTO(doc_free) struct doc *genesis = NULL;
    int error = genesis_make(&genesis, &faults, &plan, &admin);
    if (error != 0)
        stop("genesis", error, &faults);
    AUTO(buf_free) struct buf text = {0};
    doc_append_pretty(&text, genesis);
    char path[512];
    snprintf(path, sizeof path, "%s/genesis.json", directory);
    must("genesis", file_write_atomic(path, view_of_buf(&text), 0644));
    return 0;
}
