/* What every command does: saying what went wrong, reading files, opening the key. */
#include "node/cli/cli.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "node/cli/cli_output.h"
#include "node/cli/cli_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *cli_setting(const struct cli *cli, const char *option, const char *variable)
{
    const char *text = cli_options_text(&cli->options, option);
    if (text == NULL && variable != NULL) {
        text = getenv(variable);
    }
    return text != NULL && text[0] != 0 ? text : NULL;
}

/* ---- what went wrong ---- */

int cli_exit_of(int error)
{
    switch (error) {
    case ERR_USAGE:
        return CLI_USAGE;
    case ERR_KEYFILE_FORMAT:
    case ERR_KEYFILE_LIGHT:
    case ERR_PASSPHRASE:
    case ERR_IO:
    case ERR_DISK_FULL:
    case ERR_NOT_FOUND:
    case ERR_BEFORE_HISTORY:
    case ERR_EXISTS:
    case ERR_NOT_FILE:
    case ERR_NOT_DIRECTORY:
    case ERR_LINK_LOOP:
    case ERR_PERMISSION:
    case ERR_CORRUPT:
    case ERR_HARVEST_STATE:
    case ERR_FOLLOW_FORM:
    case ERR_FOLLOW_STATE:
    case ERR_FOLLOW_GENESIS:
    case ERR_BUSY:
    case ERR_CONFIG:
    case ERR_PORT:
    case ERR_NETWORK:
    case ERR_TIMEOUT:
    case ERR_UNAVAILABLE:
        return CLI_ENVIRONMENT;
    default:
        return CLI_REFUSED;
    }
}

static void set_safe_text(struct doc *object, const char *key, const char *text)
{
    doc_set_text(object, key, doc_text_valid(view_of_text(text)) ? text : "?");
}

/* The problem on its way out: a document for machines, words for people. */
static void report(struct cli *cli, const char *detail, int error, const struct doc *faults)
{
    AUTO(buf_free) struct buf text = {0};
    AUTO(buf_free) struct buf line = {0};
    if (cli->json) {
        AUTO(doc_free) struct doc *problem = doc_new_object();
        doc_set_text(problem, "type", "about:blank");
        doc_set_text(problem, "code", error_code(error));
        doc_set_text(problem, "title", error_english(error));
        buf_append_format(&line, "%s %s", detail, error_english(error));
        set_safe_text(problem, "detail", buf_text(&line));
        doc_set_text(problem, "detail_zh", error_chinese(error));
        doc_set(problem, "faults", faults == NULL ? doc_new_array() : doc_ref(faults));
        doc_append_pretty(&text, problem);
        buf_append_text(&text, "\n");
        cli_print(&text);
        return;
    }
    size_t columns = cli_terminal_columns(STDERR_FILENO);
    buf_append_format(&line, "dirchain: %s", detail);
    if (faults == NULL && error != ERR_USAGE) {
        buf_append_format(&line, "%s%s %s [%s]", detail[0] == 0 ? "" : "  ", error_chinese(error),
                          error_english(error), error_code(error));
    }
    cli_text_wrap(&text, buf_text(&line), 0, 4, columns);
    buf_append_text(&text, "\n");
    if (faults != NULL) {
        cli_faults_append_doc(&text, faults, NULL, columns);
    }
    (void)fwrite(text.data, 1, text.len, stderr);
}

int cli_fail(struct cli *cli, int error, const char *detail_format, ...)
{
    char detail[1024];
    va_list args;
    va_start(args, detail_format);
    (void)vsnprintf(detail, sizeof detail, detail_format, args);
    va_end(args);
    report(cli, detail, error, NULL);
    return cli_exit_of(error);
}

int cli_refuse(struct cli *cli, const struct faults *faults, const char *detail_format, ...)
{
    char detail[1024];
    va_list args;
    va_start(args, detail_format);
    (void)vsnprintf(detail, sizeof detail, detail_format, args);
    va_end(args);
    AUTO(doc_free) struct doc *list = cli_faults_to_doc(faults);
    report(cli, detail, faults_first(faults), list);
    return cli_exit_of(faults_first(faults));
}

int cli_usage(struct cli *cli, const char *detail_format, ...)
{
    char detail[1024];
    va_list args;
    va_start(args, detail_format);
    (void)vsnprintf(detail, sizeof detail, detail_format, args);
    va_end(args);
    report(cli, detail, ERR_USAGE, NULL);
    if (!cli->json && cli->command != NULL) {
        bool named = *cli->command->name != 0;
        (void)fprintf(stderr, "    请查看 see: dirchain %s%s%s --help\n", cli->family->name,
                      named ? " " : "", cli->command->name);
    }
    return CLI_USAGE;
}

int cli_problem(struct cli *cli, const struct doc *problem)
{
    AUTO(buf_free) struct buf text = {0};
    AUTO(buf_free) struct buf line = {0};
    const char *detail = doc_get_text(problem, "detail");
    const char *chinese = doc_get_text(problem, "detail_zh");
    const char *title = doc_get_text(problem, "title");
    const char *code = doc_get_text(problem, "code");
    int error = error_from_code(code == NULL ? "" : code);
    if (cli->json) {
        doc_append_pretty(&text, problem);
        buf_append_text(&text, "\n");
        cli_print(&text);
        return cli_exit_of(error);
    }
    size_t columns = cli_terminal_columns(STDERR_FILENO);
    buf_append_format(&line, "拒绝 Refused: %s %s [%s]", chinese == NULL ? "" : chinese,
                      detail != NULL  ? detail
                      : title != NULL ? title
                                      : "",
                      code == NULL ? "?" : code);
    cli_text_wrap(&text, buf_text(&line), 0, 4, columns);
    buf_append_text(&text, "\n");
    cli_faults_append_doc(&text, doc_get(problem, "faults"), code, columns);
    (void)fwrite(text.data, 1, text.len, stderr);
    return cli_exit_of(error);
}

/* ---- results ---- */

void cli_print(const struct buf *text)
{
    (void)fwrite(text->data, 1, text->len, stdout);
}

void cli_print_words(struct buf *words)
{
    AUTO(buf_free) struct buf text = {0};
    cli_text_wrap_lines(&text, buf_text(words), cli_terminal_columns(STDOUT_FILENO));
    cli_print(&text);
}

void cli_tell_words(struct buf *words)
{
    AUTO(buf_free) struct buf text = {0};
    cli_text_wrap_lines(&text, buf_text(words), cli_terminal_columns(STDERR_FILENO));
    (void)fwrite(text.data, 1, text.len, stderr);
}

int cli_result(struct cli *cli, const struct doc *result, struct buf *words)
{
    if (cli->json) {
        AUTO(buf_free) struct buf text = {0};
        doc_append_pretty(&text, result);
        buf_append_text(&text, "\n");
        cli_print(&text);
    } else {
        cli_print_words(words);
    }
    return CLI_OK;
}

/* ---- files and keys ---- */

int cli_parse_doc(struct cli *cli, struct doc **out, const char *path, struct view text,
                  size_t bytes_max)
{
    size_t line;
    int error = doc_parse_file(out, &line, text, bytes_max);
    if (error != 0 && line > 0) {
        return cli_fail(cli, error, "%s: 第 %zu 行 line %zu:", path, line, line);
    }
    return error == 0 ? 0 : cli_fail(cli, error, "%s:", path);
}

int cli_read_doc(struct cli *cli, struct doc **out, const char *path, size_t bytes_max)
{
    AUTO(buf_free) struct buf text = {0};
    int error = file_read(&text, path, bytes_max);
    return error == 0 ? cli_parse_doc(cli, out, path, view_of_buf(&text), bytes_max)
                      : cli_fail(cli, error, "%s:", path);
}

int cli_write_doc(struct cli *cli, const struct doc *doc, const char *path, unsigned mode)
{
    AUTO(buf_free) struct buf text = {0};
    doc_append_pretty(&text, doc);
    buf_append_text(&text, "\n");
    int error = file_create(path, view_of_buf(&text), mode);
    return error == 0 ? 0 : cli_fail(cli, error, "%s:", path);
}

int cli_passphrase(struct cli *cli, struct passphrase *out, const char *prompt, bool confirm)
{
    const char *path = cli_setting(cli, "passphrase-file", "DIRCHAIN_PASSPHRASE_FILE");
    int error =
        path == NULL ? passphrase_prompt(out, prompt, confirm) : passphrase_read_file(out, path);
    if (error == ERR_IO && path == NULL) {
        (void)cli_usage(cli, "没有终端可输入口令，请用 No terminal to ask on; use "
                             "--passphrase-file FILE.");
        return CLI_ENVIRONMENT;
    }
    if (error == ERR_FIELD_LENGTH || error == ERR_FIELD_FORMAT) {
        (void)cli_fail(cli, error,
                       "口令须为 8 至 1024 个字符 A passphrase has 8 to 1024 "
                       "characters.");
        return CLI_ENVIRONMENT;
    }
    return error == 0 ? 0 : cli_fail(cli, error, "%s:", path == NULL ? "" : path);
}

int cli_open_key(struct cli *cli, struct keyfile *out)
{
    AUTO(passphrase_free) struct passphrase passphrase = {0};
    AUTO(keyfile_close) struct keyfile peeked = {0};
    char prompt[256];
    const char *path = cli_setting(cli, "key", "DIRCHAIN_KEY");
    *out = (struct keyfile){0};
    if (path == NULL) {
        return cli_usage(cli, "请用 --key FILE 或环境变量 DIRCHAIN_KEY 指定密钥文件 Name a key "
                              "file.");
    }
    /* What can be seen without the passphrase is said before asking for it. */
    int error = keyfile_peek(&peeked, path);
    if (error != 0) {
        return cli_fail(cli, error, "%s:", path);
    }
    (void)snprintf(prompt, sizeof prompt, "%s 的口令 Passphrase of %s: ", peeked.label, path);
    int status = cli_passphrase(cli, &passphrase, prompt, false);
    if (status != 0) {
        return status;
    }
    error = keyfile_open(out, path, &passphrase);
    return error == 0 ? 0 : cli_fail(cli, error, "%s:", path);
}

int cli_open_new_key(struct cli *cli, struct keyfile *out, const char *path, enum keyfile_kind kind,
                     const char *prompt)
{
    AUTO(keyfile_close) struct keyfile seen = {0};
    AUTO(passphrase_free) struct passphrase passphrase = {0};
    int error = keyfile_peek(&seen, path);
    if (error == 0 && seen.kind != kind) {
        error = ERR_KEYFILE_KIND;
    }
    if (error != 0) {
        return cli_fail(cli, error, "%s:", path);
    }
    int status = cli_passphrase(cli, &passphrase, prompt, false);
    if (status != 0) {
        return status;
    }
    error = keyfile_open(out, path, &passphrase);
    return error != 0 ? cli_fail(cli, error, "%s:", path) : 0;
}

bool cli_split_label(char member[MEMBER_ID_CHARS + 1], char name[KEY_NAME_CHARS_MAX + 1],
                     const char *label)
{
    const char *slash = strchr(label, '/');
    if (slash == NULL || slash - label != MEMBER_ID_CHARS || slash[1] == 0 ||
        strlen(slash + 1) > KEY_NAME_CHARS_MAX) {
        return false;
    }
    (void)snprintf(member, MEMBER_ID_CHARS + 1, "%.*s", MEMBER_ID_CHARS, label);
    (void)snprintf(name, KEY_NAME_CHARS_MAX + 1, "%s", slash + 1);
    return true;
}
