/* GET /v1/words: what pages and portals say in place of the protocol's words: statuses, roles,
 * choices, acts of the ledger; and what members of records, types of transactions and terms are
 * called. */
#include "api/api_internal.h"

#include "chain/rules/term_kinds.h"
#include "exchange/labels.h"
#include "exchange/words.h"

static struct doc *words_doc(void)
{
    struct doc *words = doc_new_object();
    const char *english, *chinese;
    for (size_t i = 0; (english = word_at(i, &chinese)) != NULL; i++)
        doc_set_text(words, english, chinese);
    return words;
}

static struct doc *labels_doc(void)
{
    struct doc *labels = doc_new_object();
    const char *member, *chinese;
    for (size_t i = 0; (member = label_at(i, &chinese)) != NULL; i++)
        doc_set_text(labels, member, chinese);
    return labels;
}

static struct doc *types_doc(void)
{
    struct doc *types = doc_new_array();
    for (size_t i = 0; schema_at(i) != NULL; i++) {
        const struct tx_type *type = schema_at(i);
        struct doc *item = doc_new_object();
        doc_set_text(item, "chinese", type->chinese);
        if (type->clause != NULL)
            doc_set_text(item, "clause", type->clause);
        doc_set_text(item, "english", type->english);
        doc_set_text(item, "type", type->name);
        doc_push(types, item);
    }
    return types;
}

/* Terms that somebody owes; the others only end. */
static struct doc *terms_doc(void)
{
    struct doc *terms = doc_new_array();
    for (size_t i = 0; term_kind_at(i) != NULL; i++) {
        const struct term_kind *kind = term_kind_at(i);
        if (kind->chinese == NULL)
            continue;
        struct doc *item = doc_new_object();
        doc_set_text(item, "chinese", kind->chinese);
        doc_set_text(item, "english", kind->english);
        doc_set_text(item, "term", kind->name);
        doc_push(terms, item);
    }
    return terms;
}

static void serve_words(void *context, struct http_request *request)
{
    (void)context;
    struct doc *document = doc_new_object();
    doc_set(document, "labels", labels_doc());
    doc_set(document, "terms", terms_doc());
    doc_set(document, "types", types_doc());
    doc_set(document, "words", words_doc());
    http_answer_doc(request, 200, document);
}

const struct http_route routes_words[] = {
    {.method = "GET",
     .path = "/v1/words",
     .serve = serve_words,
     .english = "Words of the protocol in Chinese, and what members, types and terms are called.",
     .chinese = "协议用词的中文，以及各字段、各类交易与期限的名称。"},
    {.method = NULL},
};
