/* Forms for paper: from the node into a file. */
#include "node/cli/cli_form.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "exchange/form_records.h"
#include "node/cli/cli_request.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct records {
    struct cli_node node;
    struct form_records form;
};

static void records_free(struct records *records)
{
    form_records_free(&records->form);
    cli_node_close(&records->node);
}

static int read_state(void *context, struct doc **out, const char *key)
{
    return cli_node_state(context, out, key);
}

static int write_form(struct cli *cli, const struct doc *form)
{
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(buf_free) struct buf words = {0};
    AUTO(doc_free) struct doc *result = doc_new_object();
    const char *path = cli_options_text(&cli->options, "out");
    const char *ending = strrchr(path, '.');
    int error = 0;
    if (ending != NULL && strcasecmp(ending, ".xlsx") == 0) {
        error = form_write_xlsx(&bytes, form);
    } else {
        form_append_html(&bytes, form);
    }
    error = error != 0 ? error : file_create(path, view_of_buf(&bytes), 0644);
    if (error != 0) {
        return cli_fail(cli, error, "%s:", path);
    }
    doc_set(result, "form", doc_ref(form));
    doc_set_text(result, "file", doc_text_valid(view_of_text(path)) ? path : "?");
    buf_append_format(&words, "%s  %s\n已写出 written: %s\n", doc_get_text(form, "title"),
                      doc_get_text(form, "number"), path);
    return cli_result(cli, result, &words);
}

/* The kinds of files there are, before anything is asked. */
static int check_out(struct cli *cli)
{
    const char *ending = strrchr(cli_options_text(&cli->options, "out"), '.');
    bool good =
        ending != NULL && (strcasecmp(ending, ".xlsx") == 0 || strcasecmp(ending, ".html") == 0);
    return good ? 0 : cli_usage(cli, "--out: .html 或 or .xlsx");
}

static struct form_facts facts_of(const struct cli *cli, const struct records *records)
{
    struct form_facts facts = form_facts_of(&records->form);
    facts.contact = cli_options_text(&cli->options, "contact");
    facts.phone = cli_options_text(&cli->options, "phone");
    return facts;
}

int cli_form_collection(struct cli *cli)
{
    AUTO(records_free) struct records records = {.form = {.items = {NULL}}};
    bool found = false;
    const char *provider = cli->options.arguments[0], *code = cli->options.arguments[1];
    int status = check_out(cli);
    status = status != 0 ? status : cli_node_open(&records.node, cli);
    status = status != 0 ? status
                         : form_read_collection(&records.form, &found, read_state, &records.node,
                                                provider, code);
    if (status != 0) {
        return status;
    }
    if (!found) {
        bool due = records.form.items[FORM_COLLECTION] != NULL;
        return cli_fail(cli, due ? ERR_STATUS : ERR_SUBJECT, "collection/%s/%s:%s", provider, code,
                        due ? " 尚未报送归集成果 Nothing of it is reported yet." : "");
    }
    const struct form_facts facts = facts_of(cli, &records);
    AUTO(doc_free) struct doc *form = form_of_collection(&facts);
    return write_form(cli, form);
}

int cli_form_request(struct cli *cli)
{
    AUTO(records_free) struct records records = {.form = {.items = {NULL}}};
    bool found = false;
    char id[2 * HASH_BYTES + 1];
    int status = check_out(cli);
    status = status != 0 ? status : cli_node_open(&records.node, cli);
    status = status != 0 ? status : cli_request_id(&records.node, id, cli->options.arguments[0]);
    status = status != 0 ? status
                         : form_read_request(&records.form, &found, read_state, &records.node, id);
    if (status != 0) {
        return status;
    }
    if (!found) {
        return cli_fail(cli, ERR_SUBJECT, "%s:", cli->options.arguments[0]);
    }
    const struct form_facts facts = facts_of(cli, &records);
    AUTO(doc_free) struct doc *form = form_of_request(&facts);
    return write_form(cli, form);
}

const struct cli_option cli_form_options[] = {
    {"out", CLI_TEXT, true, "FILE.html|.xlsx", "Where the form goes; not overwritten.",
     "表单写入的文件，不覆盖。", NULL},
    {"contact", CLI_TEXT, false, "NAME", "Person to ask: on the form only, not on the ledger.",
     "联络人（申请人）：只写入表单，不上链。", "CN 附件1, 附件2"},
    {"phone", CLI_TEXT, false, "TEXT", "How to reach that person: on the form only.",
     "联络方式：只写入表单，不上链。", "CN 附件1, 附件2"},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
