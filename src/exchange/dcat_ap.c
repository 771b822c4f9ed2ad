/* DCAT-AP (and its national profiles, such as DCAT-AP_IT) out of statements and into RDF/XML. What
 * is read becomes a dataset with the property names of DCAT-US (dcat.h). */
#include "exchange/dcat.h"

#include "base/errors.h"
#include "base/memory.h"
#include "exchange/rdf.h"

#include <string.h>

#define DCAT "http://www.w3.org/ns/dcat#"
#define DCT "http://purl.org/dc/terms/"
#define FOAF "http://xmlns.com/foaf/0.1/"
#define SKOS "http://www.w3.org/2004/02/skos/core#"
#define RDFS "http://www.w3.org/2000/01/rdf-schema#"
#define SCHEMA "http://schema.org/"
#define OURS "urn:dirchain:dcat#"

/* ---- reading ---- */

/* Of several languages: Chinese, then none said, then English, then whichever comes first. */
static int lang_rank(const char *lang)
{
    return strncmp(lang, "zh", 2) == 0 ? 3 : lang[0] == 0 ? 2 : strncmp(lang, "en", 2) == 0 ? 1 : 0;
}

/* The object of a property that has something in it; NULL if there is none. */
static const char *object_of(const struct rdf_graph *graph, const char *subject,
                             const char *predicate)
{
    const char *best = NULL;
    int rank = -1;
    for (size_t i = rdf_find(graph, subject, predicate, 0); i < rdf_count(graph);
         i = rdf_find(graph, subject, predicate, i + 1)) {
        struct rdf_statement statement = rdf_at(graph, i);
        int own = statement.literal ? lang_rank(statement.lang) : 2;
        if (statement.object[0] != 0 && own > rank) {
            best = statement.object;
            rank = own;
        }
    }
    return best;
}

static const char *last_part(const char *address)
{
    const char *slash = strrchr(address, '/');
    const char *hash = strrchr(address, '#');
    const char *at = slash == NULL || (hash != NULL && hash > slash) ? hash : slash;
    return at == NULL || at[1] == 0 ? address : at + 1;
}

/* What people read in a node: its label, else the last part of its address. */
static const char *label_of(const struct rdf_graph *graph, const char *node)
{
    static const char *const labels[] = {SKOS "prefLabel", RDFS "label", FOAF "name", DCT "title",
                                         "http://www.w3.org/ns/locn#geographicName"};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        const char *label = object_of(graph, node, labels[i]);
        if (label != NULL) {
            return label;
        }
    }
    return strncmp(node, "_:", 2) == 0 ? NULL : last_part(node);
}

static void set_text(struct doc *object, const char *name, const char *text)
{
    if (text != NULL && text[0] != 0) {
        doc_set_text(object, name, text);
    }
}

static void set_plain(struct doc *dataset, const char *name, const struct rdf_graph *graph,
                      const char *subject, const char *predicate)
{
    set_text(dataset, name, object_of(graph, subject, predicate));
}

/* All objects of a property as a list; nodes by their labels. */
static void set_list(struct doc *dataset, const char *name, const struct rdf_graph *graph,
                     const char *subject, const char *predicate)
{
    struct doc *list = doc_new_array();
    for (size_t i = rdf_find(graph, subject, predicate, 0); i < rdf_count(graph);
         i = rdf_find(graph, subject, predicate, i + 1)) {
        struct rdf_statement statement = rdf_at(graph, i);
        const char *text = statement.literal ? statement.object : label_of(graph, statement.object);
        if (text != NULL && text[0] != 0 && !doc_has_text(list, text)) {
            doc_push_text(list, text);
        }
    }
    if (doc_count(list) > 0) {
        doc_set(dataset, name, list);
    } else {
        doc_free(&list);
    }
}

/* A literal as it is, a node by its label. */
static const char *readable(const struct rdf_graph *graph, const char *subject,
                            const char *predicate)
{
    size_t at = rdf_find(graph, subject, predicate, 0);
    if (at == rdf_count(graph)) {
        return NULL;
    }
    struct rdf_statement statement = rdf_at(graph, at);
    return statement.literal ? object_of(graph, subject, predicate)
                             : label_of(graph, statement.object);
}

/* An address as it is; a node without one by its label. */
static void set_licence(struct doc *dataset, const struct rdf_graph *graph, const char *subject)
{
    const char *licence = object_of(graph, subject, DCT "license");
    if (licence != NULL && strncmp(licence, "_:", 2) == 0) {
        licence = label_of(graph, licence);
    }
    set_text(dataset, "license", licence);
}

/* dct:temporal is a literal, or a node with a start and an end: "2009-01-01/2009-12-31". */
static void set_period(struct doc *dataset, const struct rdf_graph *graph, const char *subject)
{
    static const char *const starts[] = {DCAT "startDate", SCHEMA "startDate",
                                         "http://dati.gov.it/onto/dcatapit#startDate"};
    static const char *const ends[] = {DCAT "endDate", SCHEMA "endDate",
                                       "http://dati.gov.it/onto/dcatapit#endDate"};
    size_t at = rdf_find(graph, subject, DCT "temporal", 0);
    const char *start = NULL;
    const char *end = NULL;
    if (at == rdf_count(graph)) {
        return;
    }
    struct rdf_statement statement = rdf_at(graph, at);
    if (statement.literal) {
        set_text(dataset, "temporal", statement.object);
        return;
    }
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        start = start != NULL ? start : object_of(graph, statement.object, starts[i]);
        end = end != NULL ? end : object_of(graph, statement.object, ends[i]);
    }
    if (start != NULL || end != NULL) {
        doc_set_format(dataset, "temporal", "%s/%s", start == NULL ? ".." : start,
                       end == NULL ? ".." : end);
    }
}

static void set_distributions(struct doc *dataset, const struct rdf_graph *graph,
                              const char *subject)
{
    struct doc *list = doc_new_array();
    for (size_t i = rdf_find(graph, subject, DCAT "distribution", 0); i < rdf_count(graph);
         i = rdf_find(graph, subject, DCAT "distribution", i + 1)) {
        struct rdf_statement statement = rdf_at(graph, i);
        struct doc *one = doc_new_object();
        set_plain(one, "downloadURL", graph, statement.object, DCAT "downloadURL");
        set_plain(one, "accessURL", graph, statement.object, DCAT "accessURL");
        set_plain(one, "mediaType", graph, statement.object, DCAT "mediaType");
        set_text(one, "format", readable(graph, statement.object, DCT "format"));
        doc_push(list, one);
    }
    if (doc_count(list) > 0) {
        doc_set(dataset, "distribution", list);
    } else {
        doc_free(&list);
    }
}

/* What we wrote ourselves: JSON in a literal. One that is broken stays as its text, and is told as
 * of the wrong type. */
static void set_extension(struct doc *dataset, const struct rdf_graph *graph, const char *subject,
                          const char *predicate, const char *name)
{
    const char *text = object_of(graph, subject, predicate);
    struct doc *doc = NULL;
    if (text == NULL) {
        return;
    }
    if (doc_parse(&doc, view_of_text(text), strlen(text)) == 0) {
        doc_set(dataset, name, doc);
    } else {
        doc_set_text(dataset, name, text);
    }
}

/* Properties that set_… above do not look at, by their addresses. */
static void set_others(struct doc *dataset, const struct rdf_graph *graph, const char *subject)
{
    static const char *const known[] = {
        RDF_NS "type",  DCT "identifier", DCT "title",        DCT "description",
        DCAT "theme",   DCT "issued",     DCT "spatial",      DCT "accrualPeriodicity",
        DCT "temporal", DCT "publisher",  DCT "accessRights", DCAT "landingPage",
        DCT "rights",   DCAT "keyword",   DCT "license",      DCAT "distribution",
        OURS "entry",   OURS "without",   OURS "provider"};
    struct doc *others = doc_new_array();
    for (size_t i = rdf_find(graph, subject, NULL, 0); i < rdf_count(graph);
         i = rdf_find(graph, subject, NULL, i + 1)) {
        const char *predicate = rdf_at(graph, i).predicate;
        bool found = doc_has_text(others, predicate);
        for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
            found = found || strcmp(predicate, known[k]) == 0;
        }
        if (!found) {
            doc_push_text(others, predicate);
        }
    }
    doc_set(dataset, "dirchain:others", others);
}

static struct doc *read_dataset(const struct rdf_graph *graph, const char *subject)
{
    struct doc *dataset = doc_new_object();
    const char *identifier = object_of(graph, subject, DCT "identifier");
    if (identifier != NULL || strncmp(subject, "_:", 2) != 0) {
        set_text(dataset, "identifier", identifier == NULL ? subject : identifier);
    }
    set_plain(dataset, "title", graph, subject, DCT "title");
    set_plain(dataset, "description", graph, subject, DCT "description");
    set_list(dataset, "keyword", graph, subject, DCAT "keyword");
    set_list(dataset, "theme", graph, subject, DCAT "theme");
    set_plain(dataset, "issued", graph, subject, DCT "issued");
    set_licence(dataset, graph, subject);
    set_plain(dataset, "landingPage", graph, subject, DCAT "landingPage");
    set_plain(dataset, "accrualPeriodicity", graph, subject, DCT "accrualPeriodicity");
    const char *access = object_of(graph, subject, DCT "accessRights");
    const char *word = dcat_word_us(DCAT_ACCESS, dcat_word_ours(DCAT_ACCESS, access));
    set_text(dataset, "accessLevel", word == NULL ? access : word);
    set_text(dataset, "rights", readable(graph, subject, DCT "rights"));
    set_text(dataset, "spatial", readable(graph, subject, DCT "spatial"));
    const char *publisher = readable(graph, subject, DCT "publisher");
    if (publisher != NULL && publisher[0] != 0) {
        struct doc *agent = doc_new_object();
        doc_set_text(agent, "name", publisher);
        doc_set(dataset, "publisher", agent);
    }
    set_period(dataset, graph, subject);
    set_distributions(dataset, graph, subject);
    set_extension(dataset, graph, subject, OURS "entry", DCAT_PROPERTY_ENTRY);
    set_extension(dataset, graph, subject, OURS "without", DCAT_PROPERTY_WITHOUT);
    set_plain(dataset, DCAT_PROPERTY_PROVIDER, graph, subject, OURS "provider");
    set_others(dataset, graph, subject);
    return dataset;
}

int dcat_ap_read(struct doc **out, long *line, struct view text)
{
    AUTO(rdf_graph_free) struct rdf_graph *graph = NULL;
    AUTO(doc_free) struct doc *list = doc_new_array();
    *out = NULL;
    int error = rdf_read_xml(&graph, line, text);
    for (size_t i = 0; error == 0 && i < rdf_count(graph); i++) {
        struct rdf_statement statement = rdf_at(graph, i);
        if (strcmp(statement.predicate, RDF_NS "type") != 0 ||
            strcmp(statement.object, DCAT "Dataset") != 0) {
            continue;
        }
        bool again = false; /* the element's name and a property may both say it */
        for (size_t k = rdf_find(graph, statement.subject, RDF_NS "type", 0); k < i;
             k = rdf_find(graph, statement.subject, RDF_NS "type", k + 1)) {
            again = again || strcmp(rdf_at(graph, k).object, DCAT "Dataset") == 0;
        }
        if (!again && doc_count(list) < DCAT_DATASETS_MAX) {
            struct doc *item = doc_new_object();
            doc_set(item, "dataset", read_dataset(graph, statement.subject));
            doc_push(list, item);
        } else if (!again) {
            error = ERR_TOO_LARGE;
        }
    }
    if (error == 0 && doc_count(list) == 0) {
        error = ERR_FIELD_MISSING;
    }
    if (error == 0) {
        *out = doc_ref(list);
    }
    return error;
}

/* ---- writing ---- */

static void append_escaped(struct buf *out, const char *text)
{
    for (; *text != 0; text++) {
        const char *entity = *text == '&'    ? "&amp;"
                             : *text == '<'  ? "&lt;"
                             : *text == '>'  ? "&gt;"
                             : *text == '"'  ? "&quot;"
                             : *text == '\n' ? "&#10;" /* an attribute would lose them */
                             : *text == '\t' ? "&#9;"
                                             : NULL;
        if (entity != NULL) {
            buf_append_text(out, entity);
        } else {
            buf_append_u8(out, (uint8_t)*text);
        }
    }
}

static void append_literal(struct buf *out, const char *element, const char *attributes,
                           const char *text)
{
    if (text != NULL) {
        buf_append_format(out, "    <%s%s>", element, attributes);
        append_escaped(out, text);
        buf_append_format(out, "</%s>\n", element);
    }
}

static void append_resource(struct buf *out, const char *element, const char *address)
{
    if (address != NULL) {
        buf_append_format(out, "    <%s rdf:resource=\"", element);
        append_escaped(out, address);
        buf_append_text(out, "\"/>\n");
    }
}

static void append_node(struct buf *out, const char *property, const char *type, const char *label,
                        const char *text)
{
    if (text != NULL) {
        buf_append_format(out, "    <%s><%s><%s>", property, type, label);
        append_escaped(out, text);
        buf_append_format(out, "</%s></%s></%s>\n", label, type, property);
    }
}

static void append_json(struct buf *out, const char *element, const struct doc *value)
{
    AUTO(buf_free) struct buf text = {0};
    if (value != NULL) {
        doc_append_canonical(&text, value);
        append_literal(out, element, " rdf:datatype=\"" RDF_NS "JSON\"", buf_text(&text));
    }
}

static void append_licence(struct buf *out, const char *licence)
{
    if (licence != NULL && strstr(licence, "://") != NULL) {
        append_resource(out, "dct:license", licence);
    } else {
        append_node(out, "dct:license", "dct:LicenseDocument", "rdfs:label", licence);
    }
}

/* "2009-01-01/2009-12-31" or "2009-01-01/..", as dcat_dataset has it. */
static void append_period(struct buf *out, const char *temporal)
{
    const char *slash = temporal == NULL ? NULL : strchr(temporal, '/');
    if (slash != NULL) {
        buf_append_format(out, "    <dct:temporal><dct:PeriodOfTime><dcat:startDate>%.*s",
                          (int)(slash - temporal), temporal);
        buf_append_text(out, "</dcat:startDate>");
        if (strcmp(slash + 1, "..") != 0) {
            buf_append_format(out, "<dcat:endDate>%s</dcat:endDate>", slash + 1);
        }
        buf_append_text(out, "</dct:PeriodOfTime></dct:temporal>\n");
    }
}

/* The address a dataset goes by in the file: its provider and code, which no other has. */
static void append_about(struct buf *out, const struct doc *dataset)
{
    const char *provider = doc_get_text(dataset, DCAT_PROPERTY_PROVIDER);
    buf_append_text(out, "urn:dirchain:entry:");
    append_escaped(out, provider == NULL ? "" : provider);
    buf_append_text(out, ":");
    append_escaped(out, doc_get_text(dataset, "identifier"));
}

static void append_dataset(struct buf *out, const struct doc *dataset)
{
    const struct doc *theme = doc_get(dataset, "theme");
    const struct doc *keywords = doc_get(dataset, "keyword");
    const char *access = dcat_word_ours(DCAT_ACCESS, doc_get_text(dataset, "accessLevel"));
    const struct doc *entry = doc_get(dataset, DCAT_PROPERTY_ENTRY);
    const char *update = dcat_word_ours(DCAT_UPDATE, doc_get_text(dataset, "accrualPeriodicity"));
    update = update != NULL ? update : doc_get_text(entry, "update"); /* static: only AP has it */
    buf_append_text(out, "  <dcat:Dataset rdf:about=\"");
    append_about(out, dataset);
    buf_append_text(out, "\">\n");
    append_literal(out, "dct:identifier", "", doc_get_text(dataset, "identifier"));
    append_literal(out, "dct:title", "", doc_get_text(dataset, "title"));
    append_literal(out, "dct:description", "", doc_get_text(dataset, "description"));
    for (size_t i = 0; i < doc_count(theme); i++) {
        append_node(out, "dcat:theme", "skos:Concept", "skos:prefLabel",
                    doc_text(doc_at(theme, i)));
    }
    for (size_t i = 0; i < doc_count(keywords); i++) {
        append_literal(out, "dcat:keyword", "", doc_text(doc_at(keywords, i)));
    }
    append_licence(out, doc_get_text(dataset, "license"));
    append_period(out, doc_get_text(dataset, "temporal"));
    append_resource(out, "dct:accessRights", dcat_word_ap(DCAT_ACCESS, access));
    append_node(out, "dct:rights", "dct:RightsStatement", "rdfs:label",
                doc_get_text(dataset, "rights"));
    append_resource(out, "dct:accrualPeriodicity", dcat_word_ap(DCAT_UPDATE, update));
    append_literal(out, "dct:issued", " rdf:datatype=\"http://www.w3.org/2001/XMLSchema#date\"",
                   doc_get_text(dataset, "issued"));
    append_node(out, "dct:spatial", "dct:Location", "skos:prefLabel",
                doc_get_text(dataset, "spatial"));
    append_node(out, "dct:publisher", "foaf:Agent", "foaf:name",
                doc_get_text(doc_get(dataset, "publisher"), "name"));
    append_resource(out, "dcat:landingPage", doc_get_text(dataset, "landingPage"));
    append_literal(out, "dirchain:provider", "", doc_get_text(dataset, DCAT_PROPERTY_PROVIDER));
    append_json(out, "dirchain:entry", entry);
    append_json(out, "dirchain:without", doc_get(dataset, DCAT_PROPERTY_WITHOUT));
    buf_append_text(out, "  </dcat:Dataset>\n");
}

void dcat_ap_write(struct buf *out, const struct doc *datasets)
{
    buf_append_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                         "<rdf:RDF xmlns:rdf=\"" RDF_NS "\"\n    xmlns:rdfs=\"" RDFS
                         "\"\n    xmlns:dcat=\"" DCAT "\"\n    xmlns:dct=\"" DCT
                         "\"\n    xmlns:foaf=\"" FOAF "\"\n    xmlns:skos=\"" SKOS
                         "\"\n    xmlns:dirchain=\"" OURS "\">\n  <dcat:Catalog>\n");
    for (size_t i = 0; i < doc_count(datasets); i++) {
        buf_append_text(out, "    <dcat:dataset rdf:resource=\"");
        append_about(out, doc_at(datasets, i));
        buf_append_text(out, "\"/>\n");
    }
    buf_append_text(out, "  </dcat:Catalog>\n");
    for (size_t i = 0; i < doc_count(datasets); i++) {
        append_dataset(out, doc_at(datasets, i));
    }
    buf_append_text(out, "</rdf:RDF>\n");
}
