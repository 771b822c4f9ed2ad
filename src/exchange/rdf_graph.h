/* The statements of a graph as its reader builds them (rdf_graph.c); others include rdf.h. */
#ifndef DIRCHAIN_EXCHANGE_RDF_GRAPH_H
#define DIRCHAIN_EXCHANGE_RDF_GRAPH_H

#include "exchange/rdf.h"

struct rdf_graph *rdf_graph_new(void);
/* Copies the texts. False when there are too many statements. */
bool rdf_graph_add(struct rdf_graph *graph, const struct rdf_statement *statement);
void rdf_graph_note_skipped(struct rdf_graph *graph);
/* Orders what was added, so that rdf_find need not look at all of it. */
void rdf_graph_close(struct rdf_graph *graph);

#endif
