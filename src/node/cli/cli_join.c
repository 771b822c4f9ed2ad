/* dirchain member join-request and verify: what happens on the agency's own machine, with no node.
 * The keys come from the agency's directory of key files; a key's role is its name, or what stands
 * before the first hyphen of it ("compile-2"). */
#include "node/cli/cli_join.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/schema.h"
#include "genesis/join.h"
#include "node/cli/cli_output.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 64 /* key files looked at in a directory */
#define JOIN_BYTES_MAX (64 * 1024)

static int name_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names of the *.key files of a directory, sorted. */
struct names {
    char *item[KEYS_MAX];
    size_t count;
};

static void names_free(struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        memory_free(names->item[i]);
    }
    names->count = 0;
}

static int list_keys(struct cli *cli, struct names *names, const char *directory)
{
    DIR *dir = opendir(directory);
    if (dir == NULL) {
        return cli_fail(cli, ERR_NOT_FOUND, "%s:", directory);
    }
    bool more = false;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        const char *dot = strrchr(entry->d_name, '.');
        if (dot != NULL && dot != entry->d_name && strcmp(dot, ".key") == 0) {
            more = more || names->count == KEYS_MAX;
            if (!more) {
                names->item[names->count++] = memory_copy_text(entry->d_name);
            }
        }
    }
    (void)closedir(dir);
    if (more) {
        return cli_fail(cli, ERR_FIELD_COUNT, "%s:", directory);
    }
    qsort(names->item, names->count, sizeof *names->item, name_compare);
    return 0;
}

int cli_join_role_of(enum role *role, const char *name)
{
    char word[KEY_NAME_CHARS_MAX + 1];
    (void)snprintf(word, sizeof word, "%.*s", (int)strcspn(name, "-"), name);
    return role_from_text(role, word);
}

int cli_join_key(struct cli *cli, struct doc **out, char member[MEMBER_ID_CHARS + 1],
                 const char *path)
{
    char owner[MEMBER_ID_CHARS + 1], name[KEY_NAME_CHARS_MAX + 1];
    char hex[2 * PUBLIC_KEY_BYTES + 1];
    AUTO(keyfile_close) struct keyfile key = {0};
    enum role role;
    int error = keyfile_peek(&key, path);
    if (error != 0) {
        return cli_fail(cli, error, "%s:", path);
    }
    if (key.kind != KEYFILE_OFFICER || !cli_split_label(owner, name, key.label)) {
        return cli_fail(cli, ERR_KEY_INVALID, "%s（%s）:", path, key.label);
    }
    hex_encode(hex, view_of(key.public_bytes, key.public_len));
    *out = doc_new_object();
    doc_set_text(*out, "name", name);
    doc_set_text(*out, "public", hex);
    if (cli_join_role_of(&role, name) == 0) {
        doc_set_text(*out, "role", role_text(role));
    }
    if (member != NULL) {
        memcpy(member, owner, sizeof owner);
    }
    return 0;
}

/* One key file's part of the request. */
static int add_key(struct cli *cli, struct doc *join, struct doc *keys, const char *path)
{
    char member[MEMBER_ID_CHARS + 1], name[KEY_NAME_CHARS_MAX + 1];
    char hex[2 * PUBLIC_KEY_BYTES + 1];
    AUTO(keyfile_close) struct keyfile key = {0};
    enum role role;
    int error = keyfile_peek(&key, path);
    if (error != 0) {
        return cli_fail(cli, error, "%s:", path);
    }
    if (!cli_split_label(member, name, key.label) || !doc_text_is(join, "member", member)) {
        return cli_fail(cli, ERR_KEY_INVALID, "%s（%s）不是本单位的密钥 is not this agency's key.",
                        path, key.label);
    }
    hex_encode(hex, view_of(key.public_bytes, key.public_len));
    if (key.kind != KEYFILE_OFFICER) {
        doc_set_text(join, key.kind == KEYFILE_VOTE ? "vote_key" : "peer_key", hex);
        return 0;
    }
    if (cli_join_role_of(&role, name) != 0) {
        return cli_fail(cli, ERR_FIELD_CHOICE, "%s: 密钥名称 %s 不含角色 names no role.", path,
                        name);
    }
    struct doc *entry = doc_new_object();
    doc_set_text(entry, "name", name);
    doc_set_text(entry, "role", role_text(role));
    doc_set_text(entry, "public", hex);
    doc_push(keys, entry);
    return 0;
}

static int add_keys(struct cli *cli, struct doc *join, const char *directory)
{
    AUTO(names_free) struct names names = {.count = 0};
    struct doc *keys = doc_new_array();
    doc_set(join, "keys", keys);
    int status = list_keys(cli, &names, directory);
    for (size_t i = 0; status == 0 && i < names.count; i++) {
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/%s", directory, names.item[i]);
        status = add_key(cli, join, keys, path);
    }
    return status;
}

static int open_from(struct cli *cli, struct keyfile *out, const char *directory, const char *name,
                     const struct passphrase *passphrase)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s.key", directory, name);
    int error = keyfile_open(out, path, passphrase);
    return error == 0 ? 0 : cli_fail(cli, error, "%s:", path);
}

static int sign_request(struct cli *cli, struct doc *join, const char *directory)
{
    AUTO(passphrase_free) struct passphrase passphrase = {0};
    AUTO(keyfile_close) struct keyfile chief = {0};
    AUTO(keyfile_close) struct keyfile vote = {0};
    struct faults faults = {0};
    int status = cli_passphrase(cli, &passphrase, "密钥口令 Passphrase of the keys: ", false);
    if (status == 0) {
        status = open_from(cli, &chief, directory, "chief", &passphrase);
    }
    if (status == 0) {
        status = open_from(cli, &vote, directory, "vote", &passphrase);
    }
    if (status != 0) {
        return status;
    }
    int error = join_sign(join, &faults, &chief, &vote);
    return error == 0 ? 0
                      : cli_refuse(cli, &faults,
                                   "入网申请不成立，未写出 The join request is not "
                                   "valid; nothing is written.");
}

/* Texts from the command line become text of a document only if they may. */
static int set_option(struct cli *cli, struct doc *join, const char *field, const char *option)
{
    const char *text = cli_options_text(&cli->options, option);
    if (!doc_text_valid(view_of_text(text))) {
        return cli_fail(cli, ERR_JSON_TEXT, "--%s:", option);
    }
    doc_set_text(join, field, text);
    return 0;
}

int cli_join_request_run(struct cli *cli)
{
    static const char *const texts[][2] = {{"member", "member"},
                                           {"name", "name"},
                                           {"peer_endpoint", "peer"},
                                           {"gateway_endpoint", "gateway"}};
    AUTO(doc_free) struct doc *join = doc_new_object();
    AUTO(buf_free) struct buf words = {0};
    const char *directory = cli_options_text(&cli->options, "keys");
    const char *path = cli_options_text(&cli->options, "out");
    struct doc *parties = doc_new_array();
    doc_set_text(join, "format", "dirchain-join/1");
    doc_set(join, "parties", parties);
    int status = 0;
    for (size_t i = 0; status == 0 && i < sizeof texts / sizeof *texts; i++) {
        status = set_option(cli, join, texts[i][0], texts[i][1]);
    }
    for (size_t i = 0; i < cli_options_count(&cli->options, "party"); i++) {
        const char *party = cli_options_text_at(&cli->options, "party", i);
        doc_push_text(parties, doc_text_valid(view_of_text(party)) ? party : "?");
    }
    if (status == 0) {
        status = add_keys(cli, join, directory);
    }
    if (status == 0) {
        status = sign_request(cli, join, directory);
    }
    if (status == 0) {
        status = cli_write_doc(cli, join, path, 0644);
    }
    if (status != 0) {
        return status;
    }
    buf_append_format(&words,
                      "已签署入网申请，请送交中心 Join request signed; send it to the center:\n"
                      "  %s\n  %s  %s\n",
                      path, doc_get_text(join, "member"), doc_get_text(join, "name"));
    return cli_result(cli, join, &words);
}

int cli_join_read(struct cli *cli, struct doc **out, const char *path)
{
    struct faults faults = {0};
    int status = cli_read_doc(cli, out, path, JOIN_BYTES_MAX);
    if (status == 0 && join_verify(&faults, *out) != 0) {
        status =
            cli_refuse(cli, &faults, "%s: 入网申请不成立 The join request is not valid.", path);
    }
    return status;
}

static struct doc *verdict(const char *path, const struct doc *join, const struct faults *faults)
{
    static const char *const shown[] = {"member", "name", "parties"};
    struct doc *item = doc_new_object();
    doc_set_text(item, "file", doc_text_valid(view_of_text(path)) ? path : "?");
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        const struct doc *value = doc_get(join, shown[i]);
        if (value != NULL) {
            doc_set(item, shown[i], doc_ref(value));
        }
    }
    doc_set_bool(item, "valid", faults->count == 0);
    doc_set(item, "faults", cli_faults_to_doc(faults));
    return item;
}

int cli_join_verify_run(struct cli *cli)
{
    static const struct cli_column columns[] = {
        {.title = "统一社会信用代码 code", .path = "member", .keep = true},
        {.title = "单位 name", .path = "name"},
        {.title = "身份 parties", .path = "parties"},
        {.title = "有效 valid", .path = "valid"},
        {.title = NULL},
    };
    AUTO(cli_table_free) struct cli_table table = cli_table_of(columns);
    AUTO(doc_free) struct doc *result = doc_new_object();
    AUTO(buf_free) struct buf words = {0};
    struct doc *items = doc_new_array();
    int worst = CLI_OK;
    doc_set(result, "items", items);
    for (size_t i = 0; i < cli->options.argument_count; i++) {
        AUTO(doc_free) struct doc *join = NULL;
        struct faults faults = {0};
        const char *path = cli->options.arguments[i];
        int status = cli_read_doc(cli, &join, path, JOIN_BYTES_MAX);
        if (status != 0) {
            return status;
        }
        if (join_verify(&faults, join) != 0) {
            worst = CLI_REFUSED;
            if (!cli->json) {
                (void)cli_refuse(cli, &faults, "%s: 入网申请不成立 Not a valid join request.",
                                 path);
            }
        }
        doc_push(items, verdict(path, join, &faults));
        cli_table_add_doc(&table, doc_at(items, i));
    }
    cli_table_append(&words, &table, cli->columns);
    (void)cli_result(cli, result, &words);
    return worst;
}

const struct cli_option cli_join_options[] = {
    {"member", CLI_TEXT, true, "CODE", "Unified social credit code.", "统一社会信用代码。", NULL},
    {"name", CLI_TEXT, true, "TEXT", "Full name of the agency.", "单位全称。", NULL},
    {"party", CLI_LIST, true, "PARTY",
     "What the agency is: provider, consumer, center, supervisor, auditor, upper.",
     "单位身份：提供方、使用方、中心、主管、审计、市级平台。", "PT 4-6"},
    {"peer", CLI_TEXT, true, "HOST:PORT", "Where its node listens for peers.", "节点间通信地址。",
     NULL},
    {"gateway", CLI_TEXT, true, "HOST:PORT", "Where its gateway listens.", "数据网关地址。", NULL},
    {"keys", CLI_TEXT, true, "DIR", "Its key files; each is named after its role.",
     "密钥文件目录，按角色命名。", NULL},
    {"out", CLI_TEXT, true, "FILE", "Where the request goes; not overwritten.",
     "写出的文件，不覆盖。", NULL},
    {"passphrase-file", CLI_TEXT, false, "FILE",
     "File with the passphrase of the chief and vote keys; asked for without it.",
     "首席数据官密钥和投票密钥的口令文件；缺省时在终端询问。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
