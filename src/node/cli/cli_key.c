/* dirchain key: making key files and looking at them. A directory of key files, each named after
 * its key, is what one agency keeps; "vote" and "peer" are the node's own keys. */
#include "node/cli/cli.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/tx_header.h"
#include "node/cli/cli_output.h"

#include <stdio.h>
#include <string.h>

static const char *const kind_words[][2] = {
    [KEYFILE_OFFICER] = {"officer", "工作人员 officer"},
    [KEYFILE_VOTE] = {"vote", "投票 vote"},
    [KEYFILE_PEER] = {"peer", "节点 peer"},
};

static const struct cli_column columns_keys[] = {
    {.title = "密钥文件 file", .path = "file"},
    {.title = "种类 kind", .path = "kind"},
    {.title = "标签 label", .path = "label", .keep = true},
    {.title = "公钥 public key", .path = "public", .as = CLI_AS_HASH},
    {.title = NULL},
};

static struct doc *describe(const char *path, const struct keyfile *key)
{
    char hex[2 * PUBLIC_KEY_BYTES + 1];
    struct doc *doc = doc_new_object();
    hex_encode(hex, view_of(key->public_bytes, key->public_len));
    doc_set_text(doc, "file", doc_text_valid(view_of_text(path)) ? path : "?");
    doc_set_text(doc, "kind", kind_words[key->kind][0]);
    doc_set_text(doc, "label", key->label);
    doc_set_text(doc, "public", hex);
    doc_set_bool(doc, "light", key->cost == KEYFILE_COST_LIGHT);
    return doc;
}

/* ---- create ---- */

/* By what stands before the first hyphen: "vote-2" is the vote key after "vote". */
static enum keyfile_kind kind_of(const char *name)
{
    size_t len = strcspn(name, "-");
    bool vote = len == 4 && strncmp(name, "vote", len) == 0;
    bool peer = len == 4 && strncmp(name, "peer", len) == 0;
    return vote ? KEYFILE_VOTE : peer ? KEYFILE_PEER : KEYFILE_OFFICER;
}

/* The form of a member id; its check digit is judged where it matters, at the join request. */
static bool is_member_form(const char *text)
{
    return strlen(text) == MEMBER_ID_CHARS &&
           strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == MEMBER_ID_CHARS;
}

static int create_one(struct cli *cli, struct doc *keys, const char *directory, const char *name,
                      const struct passphrase *passphrase)
{
    char path[1024], label[64];
    AUTO(keyfile_close) struct keyfile key = {0};
    const char *member = cli_options_text(&cli->options, "member");
    enum keyfile_cost cost =
        cli_options_flag(&cli->options, "light") ? KEYFILE_COST_LIGHT : KEYFILE_COST_NORMAL;
    int len = snprintf(path, sizeof path, "%s/%s.key", directory, name);
    if (len < 0 || (size_t)len >= sizeof path) {
        return cli_fail(cli, ERR_FIELD_LENGTH, "%s:", directory);
    }
    (void)snprintf(label, sizeof label, "%s/%s", member, name);
    int error = keyfile_create(path, kind_of(name), label, passphrase, cost);
    if (error == 0) {
        error = keyfile_peek(&key, path);
    }
    if (error != 0) {
        return cli_fail(cli, error, "%s:", path);
    }
    doc_push(keys, describe(path, &key));
    return 0;
}

static int run_create(struct cli *cli)
{
    AUTO(passphrase_free) struct passphrase passphrase = {0};
    AUTO(doc_free) struct doc *keys = doc_new_array();
    const char *member = cli_options_text(&cli->options, "member");
    const char *directory = cli_options_text(&cli->options, "dir");
    size_t count = cli->options.argument_count;
    if (!is_member_form(member)) {
        return cli_fail(cli, ERR_USCC_FORM, "--member %s:", member);
    }
    for (size_t i = 0; i < count; i++) {
        if (!tx_key_name_valid(view_of_text(cli->options.arguments[i]))) {
            return cli_usage(cli,
                             "%s: 密钥名称为 1 至 32 个 a-z、0-9 或 - 字符 A key name has 1 to 32 "
                             "of a-z, 0-9 and -.",
                             cli->options.arguments[i]);
        }
    }
    int error = file_make_directory(directory, 0700);
    if (error != 0) {
        return cli_fail(cli, error, "%s:", directory);
    }
    int status = cli_passphrase(cli, &passphrase, "新口令 New passphrase: ", true);
    struct cli_progress progress =
        cli_progress_start("生成密钥 Making keys", count, cli->json || count < 2);
    for (size_t i = 0; status == 0 && i < count; i++) {
        status = create_one(cli, keys, directory, cli->options.arguments[i], &passphrase);
        cli_progress_step(&progress, i + 1);
    }
    cli_progress_end(&progress);
    if (status != 0) {
        return status;
    }
    AUTO(buf_free) struct buf words = {0};
    AUTO(cli_table_free) struct cli_table table = cli_table_of(columns_keys);
    for (size_t i = 0; i < doc_count(keys); i++) {
        cli_table_add_doc(&table, doc_at(keys, i));
    }
    cli_table_append(&words, &table, cli->columns);
    AUTO(doc_free) struct doc *result = doc_new_object();
    doc_set(result, "items", doc_ref(keys));
    return cli_result(cli, result, &words);
}

/* ---- show ---- */

static void append_key(struct buf *words, const struct doc *key, enum keyfile_kind kind)
{
    buf_append_format(words,
                      "%s\n"
                      "  种类 kind    %s%s\n"
                      "  标签 label   %s\n"
                      "  公钥 public  %s\n",
                      doc_get_text(key, "file"), kind_words[kind][1],
                      doc_get_bool(key, "light", false) ? "，低强度 light" : "",
                      doc_get_text(key, "label"), doc_get_text(key, "public"));
}

static int run_show(struct cli *cli)
{
    AUTO(doc_free) struct doc *result = doc_new_object();
    AUTO(buf_free) struct buf words = {0};
    struct doc *keys = doc_new_array();
    doc_set(result, "items", keys);
    for (size_t i = 0; i < cli->options.argument_count; i++) {
        AUTO(keyfile_close) struct keyfile key = {0};
        const char *path = cli->options.arguments[i];
        int error = keyfile_peek(&key, path);
        if (error != 0) {
            return cli_fail(cli, error, "%s:", path);
        }
        doc_push(keys, describe(path, &key));
        append_key(&words, doc_at(keys, i), key.kind);
    }
    return cli_result(cli, result, &words);
}

static const struct cli_option options_create[] = {
    {"member", CLI_TEXT, true, "CODE", "Unified social credit code of the agency.",
     "单位的统一社会信用代码。", NULL},
    {"dir", CLI_TEXT, true, "DIR", "Where the files go: DIR/NAME.key; none is overwritten.",
     "密钥文件目录（DIR/NAME.key），不覆盖已有文件。", NULL},
    {"passphrase-file", CLI_TEXT, false, "FILE",
     "File with the passphrase, mode 0600; \"-\" is standard input; asked for without it.",
     "口令文件（权限 0600），“-”为标准输入；缺省时在终端询问。", NULL},
    {"light", CLI_FLAG, false, NULL, "Cheap to open and to guess: for test networks only.",
     "低强度口令保护，仅限测试网络。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};

const struct cli_command cli_key_commands[] = {
    {.name = "create",
     .arguments = "NAME…",
     .arguments_min = 1,
     .arguments_max = 64,
     .chinese = "生成密钥文件。按角色命名：chief compile review approve gateway audit admin；"
                "节点密钥为 vote 和 peer，换用的新密钥为 vote-2 等。",
     .english = "Make key files. Names follow the role: chief, compile, review, approve, gateway, "
                "audit, admin; the node's own are vote and peer, later ones vote-2 and so on.",
     .options = options_create,
     .run = run_create},
    {.name = "show",
     .arguments = "FILE…",
     .arguments_min = 1,
     .arguments_max = 1024,
     .chinese = "显示密钥文件的公开部分，无需口令。",
     .english = "Show the public half of key files; needs no passphrase.",
     .run = run_show},
    {.name = NULL},
};
