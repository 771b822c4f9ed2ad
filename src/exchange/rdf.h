/* RDF/XML as a list of statements, as far as catalogs need it: node and property elements,
 * property attributes, nodeID, nested nodes, parseType="Resource", xml:lang, datatypes.
 *
 * Input comes from elsewhere, so: no document type (hence no entities but XML's own five), nothing
 * is fetched, depth and counts are bounded, and a literal of XML (parseType "Literal" or
 * "Collection") is stepped over and counted. Addresses are taken as they are written: relative
 * ones are not resolved, which keeps references within one file together. */
#ifndef DIRCHAIN_EXCHANGE_RDF_H
#define DIRCHAIN_EXCHANGE_RDF_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>

#define RDF_BYTES_MAX (64 * 1024 * 1024)
#define RDF_STATEMENTS_MAX 4000000
#define RDF_DEPTH_MAX 64

#define RDF_NS "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

struct rdf_statement {
    const char *subject; /* address, or "_:…" of a node without one */
    const char *predicate;
    const char *object; /* an address, "_:…", or the text of a literal */
    const char *lang;   /* of a literal; "" if none */
    bool literal;
};

struct rdf_graph; /* owns its texts */

/* ERR_TOO_LARGE, ERR_XML_DTD, or ERR_ENCODING with the line at which it is no RDF/XML of the kind
 * above. Texts are such as documents may hold (dcat_clean_append). */
int rdf_read_xml(struct rdf_graph **out, long *line, struct view text);
void rdf_graph_free(struct rdf_graph **graph);

size_t rdf_count(const struct rdf_graph *graph);
size_t rdf_skipped(const struct rdf_graph *graph); /* literals of XML */
/* In the order of the file. */
struct rdf_statement rdf_at(const struct rdf_graph *graph, size_t index);
/* The first statement at or after `from` of this subject (and predicate, unless NULL); rdf_count if
 * there is none. */
size_t rdf_find(const struct rdf_graph *graph, const char *subject, const char *predicate,
                size_t from);

#endif
