/* The statements of a graph: texts one after another in a buffer, statements as places in it in the
 * order of the file, and an order by subject for looking up. */
#include "exchange/rdf_graph.h"

#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct row {
    size_t subject, predicate, object, lang; /* places in `texts` */
    bool literal;
};

struct sorted {
    const char *subject;
    size_t index;
};

struct rdf_graph {
    struct buf texts; /* each ends with a NUL */
    struct row *rows;
    struct sorted *sorted; /* by subject, then in the order of the file; NULL until closed */
    size_t count;
    size_t capacity;
    size_t skipped;
};

struct rdf_graph *rdf_graph_new(void)
{
    return memory_alloc(sizeof(struct rdf_graph));
}

void rdf_graph_free(struct rdf_graph **graph)
{
    if (*graph != NULL) {
        buf_free(&(*graph)->texts);
        memory_free((*graph)->rows);
        memory_free((*graph)->sorted);
        memory_free(*graph);
    }
    *graph = NULL;
}

static size_t keep(struct rdf_graph *graph, const char *text)
{
    size_t at = graph->texts.len;
    buf_append(&graph->texts, text, strlen(text) + 1);
    return at;
}

bool rdf_graph_add(struct rdf_graph *graph, const struct rdf_statement *statement)
{
    if (graph->count >= RDF_STATEMENTS_MAX) {
        return false;
    }
    if (graph->count == graph->capacity) {
        graph->capacity = graph->capacity == 0 ? 256 : graph->capacity * 2;
        graph->rows = memory_resize(graph->rows, graph->capacity * sizeof *graph->rows);
    }
    graph->rows[graph->count++] = (struct row){.subject = keep(graph, statement->subject),
                                               .predicate = keep(graph, statement->predicate),
                                               .object = keep(graph, statement->object),
                                               .lang = keep(graph, statement->lang),
                                               .literal = statement->literal};
    return true;
}

void rdf_graph_note_skipped(struct rdf_graph *graph)
{
    graph->skipped++;
}

static int compare(const void *a, const void *b)
{
    const struct sorted *left = a, *right = b;
    int order = strcmp(left->subject, right->subject);
    return order != 0 ? order : left->index < right->index ? -1 : left->index > right->index;
}

void rdf_graph_close(struct rdf_graph *graph)
{
    graph->sorted = memory_alloc((graph->count + 1) * sizeof *graph->sorted);
    for (size_t i = 0; i < graph->count; i++) {
        graph->sorted[i] = (struct sorted){rdf_at(graph, i).subject, i};
    }
    qsort(graph->sorted, graph->count, sizeof *graph->sorted, compare);
}

size_t rdf_count(const struct rdf_graph *graph)
{
    return graph->count;
}

size_t rdf_skipped(const struct rdf_graph *graph)
{
    return graph->skipped;
}

struct rdf_statement rdf_at(const struct rdf_graph *graph, size_t index)
{
    const char *texts = (const char *)graph->texts.data;
    const struct row *row = &graph->rows[index];
    return (struct rdf_statement){texts + row->subject, texts + row->predicate, texts + row->object,
                                  texts + row->lang, row->literal};
}

size_t rdf_find(const struct rdf_graph *graph, const char *subject, const char *predicate,
                size_t from)
{
    const struct sorted wanted = {subject, from};
    size_t low = 0, high = graph->count;
    while (low < high) { /* the first that is not before (subject, from) */
        size_t middle = low + (high - low) / 2;
        bool before = compare(&graph->sorted[middle], &wanted) < 0;
        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    for (; low < graph->count && strcmp(graph->sorted[low].subject, subject) == 0; low++) {
        size_t index = graph->sorted[low].index;
        if (predicate == NULL || strcmp(rdf_at(graph, index).predicate, predicate) == 0) {
            return index;
        }
    }
    return graph->count;
}
