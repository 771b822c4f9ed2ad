#!/usr/bin/env bash
# The documents hold together: links lead somewhere, both READMEs have the same parts and commands,
# decisions are numbered once and listed, and routes, commands and error codes that a page names exist.
set -euo pipefail
cd "$(dirname "$0")/../.."
bad=0
wrong() { echo "$*" >&2; bad=1; }
mapfile -t pages < <(git ls-files -co --exclude-standard '*.md')

# Relative links: the file is there, and so is the heading after #.
anchors() { # as GitHub makes them
    sed -n 's/^#\{1,6\} //p' "$1" | tr '[:upper:]' '[:lower:]' | sed 's/[`*()（）,.:;：、，。?!/]//g; s/ /-/g'
}
for page in "${pages[@]}"; do
    while read -r target; do
        path=${target%%#*} anchor=${target#"${target%%#*}"}
        file=$page
        [[ -z $path ]] || file=$(dirname "$page")/$path
        if [[ ! -e $file ]]; then
            wrong "$page: the link $target leads nowhere"
        elif [[ -n $anchor && -f $file ]] && ! anchors "$file" | grep -qxF -- "${anchor#\#}"; then
            wrong "$page: $path has no heading ${anchor#\#}"
        fi
    done < <(awk '/^```/ { code = !code } !code' "$page" | grep -o '](\([^)]*\))' | sed 's/^](//; s/)$//' |
        grep -v '^[a-z]*:' || true)
done

# README in both languages: as many headings of each depth, the same code blocks but for comments.
shape() { grep -o '^##* ' "$1"; }
commands() { awk '/^```/ { code = !code; next } code && /^(\$ |scripts\/|\.\/|git )/' "$1" | sed 's/ *#.*//'; }
diff <(shape README.md) <(shape README.zh.md) >/dev/null || wrong "README.md and README.zh.md have different parts"
diff <(commands README.md) <(commands README.zh.md) || wrong "README.md and README.zh.md show different commands"

# Decisions.
for adr in docs/adr/[0-9]*.md; do
    name=$(basename "$adr") number=$((10#$(basename "$adr" | cut -c1-4)))
    [[ $(ls docs/adr/"${name:0:4}"-*.md | wc -l) == 1 ]] || wrong "docs/adr: number $number is used twice"
    head -n 1 "$adr" | grep -q "^# $number\. " || wrong "$adr: its title does not begin with its number"
    grep -q "^| $number | \[.*\]($name) |" docs/adr/README.md || wrong "docs/adr/README.md does not list $name"
    grep -q '^Status: ' "$adr" || wrong "$adr has no status"
    for part in Context Decision Consequences; do
        grep -q "^## $part" "$adr" || wrong "$adr has no $part"
    done
done

# The rules of consensus are those by which traces are judged.
rules() { grep -oE "$1" "$2" | grep -oE 'R[0-9]+' | sort -u; }
diff <(rules '^\| R[0-9]+ \|' docs/spec/consensus.md) <(cat tests/model/*trace*.py | rules '"R[0-9]+"' -) ||
    wrong "docs/spec/consensus.md and tests/model/trace_core.py have different rules"

# What pages name exists: routes, commands of the programs, scripts, error codes in tables.
types=$(grep -oE '^## `[a-z]+' docs/spec/transactions.md | sed 's/^## `//' | sort -u)
routes=$(grep -rhoE '"/v1/[a-z/{}_-]*' src/api/*.c | tr -d '"' | cut -d/ -f3; sed 's/y$/ie/; s/$/s/' <<<"$types") # and <family>s
families=$(grep -ohE '^    \{"[a-z]+", "' src/node/cli/cli_main.c | grep -oE '[a-z]+')
codes=$(grep -oE '"[a-z0-9-]+"' src/base/errors.def | tr -d '"' | sort -u)
files=$(git ls-files -co --exclude-standard)
for page in "${pages[@]}"; do
    while read -r route; do
        grep -qxF -- "$route" <<<"$routes" || wrong "$page: there is no route /v1/$route"
    done < <(grep -oE '/v1/[a-z_]+' "$page" | cut -d/ -f3 | sort -u)
    while read -r family; do
        grep -qxF -- "$family" <<<"$families" || wrong "$page: there is no command dirchain $family"
    done < <(grep -oE '(\$ |bin/)dirchain [a-z]+( |$)' "$page" | sed 's/ $//' | sed 's/.* //' | sort -u)
    while read -r script; do
        [[ -e $script ]] || wrong "$page: there is no $script"
    done < <(grep -oE '\bscripts/[a-z]+' "$page" | sort -u)
    while read -r path; do # by its name alone, by where it lies, or as a program that is built of it
        grep -qE -- "(^|/)${path//./\\.}(\.c)?(/|$)" <<<"$files" || wrong "$page: there is no $path"
    done < <(grep -oE '`([a-z][A-Za-z0-9_./-]*\.(c|h|def|sh|py|js|pml)|(src|tests|docs|cmake)/[A-Za-z0-9_./-]*)`' "$page" |
        tr -d '`' | sed 's#/$##' | grep -v NAME | sort -u)
    while read -r code; do
        grep -qxF -- "$code" <<<"$codes" || wrong "$page: there is no error code $code"
    done < <(grep -oE '\[[a-z]+(-[a-z0-9]+)+\]$' "$page" | tr -d '[]' | sort -u)
done
[[ $bad == 0 ]] && echo "${#pages[@]} pages hold together"
exit $bad
