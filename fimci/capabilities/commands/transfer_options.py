"""Options of `curl`, `wget`, `nc` and the resolvers that matter to what is fetched, sent and kept."""

from __future__ import annotations

_CURL_VALUED = """
--aws-sigv4 --cacert --capath --cert --ciphers --config --connect-timeout --connect-to --continue-at
--cookie --cookie-jar --data --data-ascii --data-binary --data-raw --data-urlencode --doh-url
--dump-header --form --form-string --header --interface --json --key --limit-rate --max-filesize
--max-redirs --max-time --noproxy --oauth2-bearer --output --output-dir --proto --proto-redir --proxy
--range --referer --request --resolve --retry --retry-delay --retry-max-time --stderr --tls-max --trace
--unix-socket --upload-file --url --url-query --user --user-agent --write-out -A -C -D -E -F -H -K -T -X
-Y -b -c -d -e -m -o -r -u -w -x -y -z
"""
#: Take a value.
CURL_VALUED = frozenset(_CURL_VALUED.split())

_WGET_VALUED = """
--body-data --body-file --ca-certificate --directory-prefix --header --http-password --http-user
--input-file --limit-rate --method --output-document --output-file --password --post-data --post-file
--timeout --tries --user --user-agent --wait --waitretry -A -I -O -P -Q -R -T -U -X -a -e -i -l -o -t -w
"""
#: Take a value.
WGET_VALUED = frozenset(_WGET_VALUED.split())

_BODY = """
--body-data --body-file --cookie --data --data-ascii --data-binary --data-raw --data-urlencode --form
--form-string --json --post-data --post-file --referer --upload-file --url-query --user-agent -A -F -T
-U -b -d -e
"""
#: Their value is sent.
BODY = frozenset(_BODY.split())

_SHOWN = """
--cert --header --http-password --key --oauth2-bearer --password --user -E -H -u
"""
#: Their value is shown as a password or a proof.
SHOWN = frozenset(_SHOWN.split())

_SAVED = """
--output --output-document -O -o
"""
#: Name the file that is written.
SAVED = frozenset(_SAVED.split())

_CONNECTION_VALUED = """
--exec --sh-exec -I -O -X -c -e -i -p -q -s -w -x
"""
#: Take a value, of `nc`.
CONNECTION_VALUED = frozenset(_CONNECTION_VALUED.split())

_RESOLVER_VALUED = """
-I -W -b -c -i -k -p -q -s -t -w -x
"""
#: Take a value, of `dig` and `ping`.
RESOLVER_VALUED = frozenset(_RESOLVER_VALUED.split())
