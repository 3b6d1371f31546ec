"""What sends and receives, in Python: rows of the catalogue `python_names`."""

from __future__ import annotations

from fimci.capabilities.python_rows import plain, rows
from fimci.capabilities.uses import Api, Flow

_Takes = tuple[tuple[int | str, str], ...]

_URL: _Takes = ((0, "url"), ("url", "url"))
_METHOD_URL: _Takes = ((1, "url"), ("url", "url"), (0, "method"))
_SENT: _Takes = (
    ("data", "data"),
    ("json", "data"),
    ("files", "data"),
    ("params", "data"),
    ("headers", "headers"),
)
_FETCHED: frozenset[Flow] = frozenset({"network"})
_REQUESTS = "{get,options,head,post,put,patch,delete}"
_HTTP = Api("network", gives=_FETCHED, takes=(*_URL, (1, "data"), *_SENT, ("content", "data")))
_HTTP_REQUEST = Api(
    "network", gives=_FETCHED, takes=(*_METHOD_URL, (2, "data"), *_SENT, ("fields", "data"), ("body", "data"))
)
_CONNECT = Api("network", takes=((0, "host"), ("host", "host")))
_RECEIVE = Api("network", gives=_FETCHED)

NETWORK: tuple[tuple[str, Api], ...] = (
    *rows(
        f"requests.{_REQUESTS} requests.Session.{_REQUESTS} requests.api.{_REQUESTS}"
        f" requests.sessions.Session.{_REQUESTS} httpx.{_REQUESTS} httpx.Client.{_REQUESTS}"
        f" httpx.AsyncClient.{_REQUESTS} aiohttp.ClientSession.{_REQUESTS}"
        f" curl_cffi.requests.{_REQUESTS} curl_cffi.requests.Session.{_REQUESTS}"
        f" cloudscraper.CloudScraper.{_REQUESTS} requests_html.HTMLSession.{_REQUESTS}"
        f" niquests.{_REQUESTS} grequests.{_REQUESTS} treq.{_REQUESTS}"
        " aiohttp.ClientSession.ws_connect websocket.create_connection websockets.connect"
        " websocket.WebSocketApp websocket.WebSocket.connect websockets.sync.client.connect"
        " httpx.stream",
        _HTTP,
    ),
    *rows(
        "requests.request requests.Session.request requests.Session.send requests.api.request"
        " httpx.request httpx.Client.request httpx.AsyncClient.request httpx.Client.stream"
        " httpx.AsyncClient.stream httpx.Client.send httpx.AsyncClient.send"
        " aiohttp.ClientSession.request aiohttp.request urllib3.request"
        " urllib3.PoolManager.{request,urlopen,request_encode_url,request_encode_body}"
        " urllib3.ProxyManager.request urllib3.HTTPConnectionPool.{request,urlopen}"
        " urllib3.HTTPSConnectionPool.{request,urlopen} http.client.HTTPConnection.{request,putrequest}"
        " http.client.HTTPSConnection.{request,putrequest} httplib2.Http.request niquests.request"
        " treq.request",
        _HTTP_REQUEST,
    ),
    *rows(
        "urllib.request.{urlopen,URLopener.open,FancyURLopener.open,OpenerDirector.open}"
        " tornado.httpclient.{AsyncHTTPClient,HTTPClient}.fetch",
        Api("network", gives=_FETCHED, takes=(*_URL, (1, "data"), ("data", "data"))),
    ),
    *rows(
        "urllib.request.urlretrieve wget.download gdown.download",
        Api(
            "network",
            gives=_FETCHED,
            takes=(
                *_URL,
                (1, "saved"),
                ("filename", "saved"),
                ("out", "saved"),
                ("output", "saved"),
                (3, "data"),
            ),
        ),
    ),
    *rows("tornado.httpclient.AsyncHTTPClient.fetch tornado.httpclient.HTTPClient.fetch", _HTTP),
    *rows("urllib.request.Request", Api(takes=(*_URL, (1, "data"), ("data", "data")), passes=True)),
    *rows(
        "http.client.{HTTPConnection,HTTPSConnection} ftplib.{FTP,FTP_TLS}"
        " smtplib.{SMTP,SMTP_SSL,LMTP} imaplib.{IMAP4,IMAP4_SSL} poplib.{POP3,POP3_SSL}"
        " telnetlib.Telnet xmlrpc.client.ServerProxy nntplib.NNTP"
        " asyncio.start_server socket.create_connection socket.create_server"
        " socket.socket.{connect,connect_ex,bind} socket.{gethostbyname,gethostbyname_ex,getaddrinfo}"
        " urllib3.{HTTPConnectionPool,HTTPSConnectionPool,connection_from_url}"
        " redis.{Redis,StrictRedis,from_url} pymongo.MongoClient psycopg2.connect psycopg.connect"
        " pymysql.connect MySQLdb.connect mysql.connector.connect asyncpg.connect asyncpg.create_pool"
        " grpc.{insecure_channel,secure_channel} paramiko.SSHClient.connect paramiko.Transport"
        " asyncssh.connect socks.socksocket.connect pika.BlockingConnection pika.ConnectionParameters"
        " paho.mqtt.client.Client.connect nats.connect telethon.TelegramClient pyrogram.Client"
        " logging.handlers.{HTTPHandler,SocketHandler,DatagramHandler,SysLogHandler,SMTPHandler}"
        " ldap3.Server ldap3.Connection smtplib.SMTP.connect ftplib.FTP.connect",
        _CONNECT,
    ),
    *rows(
        "asyncio.open_connection",
        Api("network", gives=_FETCHED, takes=((0, "host"), ("host", "host"))),
    ),
    *rows("web3.Web3.eth.*", Api("network", gives=_FETCHED)),
    *rows(
        "socket.socket.{send,sendall,sendto,sendfile} smtplib.SMTP.sendmail smtplib.SMTP_SSL.sendmail"
        " smtplib.SMTP.send_message smtplib.SMTP_SSL.send_message ftplib.FTP.{storbinary,storlines}"
        " websocket.WebSocket.send http.client.HTTPConnection.send http.client.HTTPSConnection.send"
        " telegram.Bot.{send_message,send_document,send_photo} telebot.TeleBot.{send_message,send_document}"
        " discord_webhook.DiscordWebhook discord.Webhook.send discord.SyncWebhook.send github.Github",
        Api(
            "network",
            takes=(
                (0, "data"),
                (1, "data"),
                (2, "data"),
                ("msg", "data"),
                ("content", "data"),
                ("url", "url"),
            ),
        ),
    ),
    *rows(
        "paramiko.SFTPClient.{put,putfo} paramiko.SFTPClient.from_transport.put"
        " boto3.client.{upload_file,put_object,upload_fileobj} pycurl.Curl.setopt"
        " discord_webhook.DiscordWebhook.{add_file,add_embed}"
        " discord.SyncWebhook.from_url.send discord.Webhook.from_url.send",
        Api("network", takes=((0, "path"), (0, "data"), (1, "data"), ("file", "data"), ("Body", "data"))),
    ),
    *rows(
        "socket.socket.{recv,recvfrom,recv_into,recvmsg,makefile} http.client.HTTPConnection.getresponse"
        " http.client.HTTPSConnection.getresponse ftplib.FTP.{retrbinary,retrlines} websocket.WebSocket.recv"
        " asyncio.StreamReader.read",
        _RECEIVE,
    ),
    *rows(
        "dns.resolver.{resolve,query,Resolver.resolve,Resolver.query}",
        Api("network", gives=_FETCHED, takes=_URL),
    ),
    *rows("xmlrpc.client.ServerProxy.*", Api("network", gives=_FETCHED, takes=((0, "data"), (1, "data")))),
    *rows("webbrowser.{open,open_new,open_new_tab}", Api("network", takes=_URL)),
    *plain(
        "network",
        "http.server.{HTTPServer,ThreadingHTTPServer}"
        " socketserver.{TCPServer,UDPServer,ThreadingTCPServer} wsgiref.simple_server.make_server"
        " xmlrpc.server.SimpleXMLRPCServer pycurl.Curl zmq.Context zmq.asyncio.Context"
        " boto3.{client,resource,Session} botocore.session.get_session google.cloud.storage.Client"
        " azure.storage.blob.BlobServiceClient discord.Client discord.ext.commands.Bot"
        " slack_sdk.WebClient slack_sdk.WebhookClient tweepy.Client scapy.all.{send,sr,sr1,sendp,sniff}"
        " websockets.serve asyncio.start_unix_server twisted.internet.reactor.{connectTCP,listenTCP}"
        " web3.Web3 libtorrent.session multiprocessing.connection.Client"
        " multiprocessing.connection.Listener ssl._create_unverified_context"
        " ssl._create_default_https_context pyngrok.ngrok.connect",
    ),
)
