// The probe is a workload of the cluster suite: an ordinary program that uses go-spiffe as any program would, and says in
// one JSON object a line what it saw. One static binary, so that a pod of it starts in milliseconds.
package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/spiffetls"
	"github.com/spiffe/go-spiffe/v2/spiffetls/tlsconfig"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
	"github.com/spiffe/go-spiffe/v2/workloadapi"
	"google.golang.org/grpc/status"
)

const usage = `usage: probe <command>
  hello                                         a line, then the end
  fetch [--timeout 60s]                         one SVID, then the end
  watch                                         a line for each update of SVID or bundle
  serve --listen :8443 --allow ID[,ID]          an mTLS server that lets these callers in
  call HOST:PORT --expect ID [--timeout 10s]    one request
  load HOST:PORT --expect ID [--every 100ms] [--stats :8080]
                                                requests on new connections until told to end
  socket [--dir DIR]                            what stands in the volume's folder: inode of folder and socket
  empty-csi [--name empty.test]                 a CSI driver whose volumes are empty folders, for comparisons
  sleep                                         nothing, until told to end`

const defaultSocket = "unix:///spiffe-workload-api/api.sock"

var started = time.Now()

// One line of JSON. Programs write from several goroutines.
var out struct {
	sync.Mutex
	*json.Encoder
}

type event map[string]any

func say(name string, e event) {
	e["event"] = name
	e["at"] = time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	e["since_start_ms"] = time.Since(started).Milliseconds()
	out.Lock()
	defer out.Unlock()
	_ = out.Encode(e)
}

func fail(err error) int {
	say("error", event{"code": status.Code(root(err)).String(), "message": err.Error()})
	return 1
}

// The error that holds the gRPC status, where one does.
func root(err error) error {
	for e := err; e != nil; e = errors.Unwrap(e) {
		if _, ok := status.FromError(e); ok {
			return e
		}
	}
	return err
}

func main() {
	out.Encoder = json.NewEncoder(os.Stdout)
	if os.Getenv("SPIFFE_ENDPOINT_SOCKET") == "" {
		_ = os.Setenv("SPIFFE_ENDPOINT_SOCKET", defaultSocket)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	commands := map[string]func(context.Context, []string) int{
		"fetch": fetch, "watch": watch, "serve": serve, "call": call, "load": load, "socket": socket,
		"empty-csi": emptyCSI,
		"hello":     func(context.Context, []string) int { say("started", event{}); return 0 },
		"sleep":     func(ctx context.Context, _ []string) int { <-ctx.Done(); return 0 },
	}
	command, ok := commands[os.Args[1]]
	if !ok {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	code := command(ctx, os.Args[2:])
	stop()
	os.Exit(code)
}

func svidEvent(svid *x509svid.SVID) event {
	leaf := svid.Certificates[0]
	return event{
		"id": svid.ID.String(), "serial": leaf.SerialNumber.Text(16), "not_before": leaf.NotBefore.UTC().Format(time.RFC3339),
		"not_after": leaf.NotAfter.UTC().Format(time.RFC3339), "chain": len(svid.Certificates),
	}
}

func fetch(ctx context.Context, args []string) int {
	flags := flag.NewFlagSet("fetch", flag.ExitOnError)
	timeout := flags.Duration("timeout", time.Minute, "how long to wait")
	_ = flags.Parse(args)
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	source, err := workloadapi.NewX509Source(ctx)
	if err != nil {
		return fail(err)
	}
	defer source.Close()
	svid, err := source.GetX509SVID()
	if err != nil {
		return fail(err)
	}
	say("svid", svidEvent(svid))
	return 0
}

type watcher struct{}

func (watcher) OnX509ContextUpdate(update *workloadapi.X509Context) {
	e := svidEvent(update.DefaultSVID())
	roots := []string{}
	for _, bundle := range update.Bundles.Bundles() {
		for _, authority := range bundle.X509Authorities() {
			roots = append(roots, authority.SerialNumber.Text(16))
		}
	}
	e["roots"] = roots
	say("svid", e)
}

func (watcher) OnX509ContextWatchError(err error) { fail(err) }

func watch(ctx context.Context, _ []string) int {
	if err := workloadapi.WatchX509Context(ctx, watcher{}); err != nil && ctx.Err() == nil {
		return fail(err)
	}
	return 0
}

func ids(list string) ([]spiffeid.ID, error) {
	var parsed []spiffeid.ID
	for _, text := range strings.Split(list, ",") {
		id, err := spiffeid.FromString(text)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, id)
	}
	return parsed, nil
}

func serve(ctx context.Context, args []string) int {
	flags := flag.NewFlagSet("serve", flag.ExitOnError)
	listen := flags.String("listen", ":8443", "address")
	allow := flags.String("allow", "", "SPIFFE IDs that may call")
	_ = flags.Parse(args)
	callers, err := ids(*allow)
	if err != nil {
		return fail(err)
	}
	source, err := workloadapi.NewX509Source(ctx)
	if err != nil {
		return fail(err)
	}
	defer source.Close()
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return fail(err)
	}
	// Said here: a caller may lose the alert to the connection's reset.
	authorize := func(id spiffeid.ID, chains [][]*x509.Certificate) error {
		err := tlsconfig.AuthorizeOneOf(callers...)(id, chains)
		if err != nil {
			say("refused", event{"peer": id.String()})
		}
		return err
	}
	config := tlsconfig.MTLSServerConfig(source, source, authorize)
	server := &http.Server{
		TLSConfig: config,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			peer, err := x509svid.IDFromCert(r.TLS.PeerCertificates[0])
			if err != nil {
				http.Error(w, err.Error(), http.StatusForbidden)
				return
			}
			fmt.Fprint(w, peer.String())
		}),
		ReadHeaderTimeout: 10 * time.Second,
	}
	say("serving", event{"listen": listener.Addr().String()})
	go func() { <-ctx.Done(); _ = server.Close() }()
	if err := server.ServeTLS(listener, "", ""); !errors.Is(err, http.ErrServerClosed) {
		return fail(err)
	}
	return 0
}

// target takes HOST:PORT and the flags in any order.
func target(flags *flag.FlagSet, args []string) string {
	host := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		host, args = args[0], args[1:]
	}
	_ = flags.Parse(args)
	if host == "" {
		host = flags.Arg(0)
	}
	return host
}

// request opens a new connection, so that each one is a whole handshake.
func request(ctx context.Context, source *workloadapi.X509Source, address string, expect spiffeid.ID) (string, string, error) {
	tlsConn, err := spiffetls.DialWithMode(ctx, "tcp", address,
		spiffetls.MTLSClientWithRawConfig(tlsconfig.AuthorizeID(expect), source, source))
	if err != nil {
		return "", "", err
	}
	defer tlsConn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = tlsConn.SetDeadline(deadline)
	}
	peer, err := spiffetls.PeerIDFromConn(tlsConn)
	if err != nil {
		return "", "", err
	}
	if _, err := fmt.Fprintf(tlsConn, "GET / HTTP/1.1\r\nHost: peer\r\nConnection: close\r\n\r\n"); err != nil {
		return "", "", err
	}
	answer, err := io.ReadAll(io.LimitReader(tlsConn, 1<<16))
	if err != nil {
		return "", "", err
	}
	head, body, _ := strings.Cut(string(answer), "\r\n\r\n")
	if !strings.HasPrefix(head, "HTTP/1.1 200") {
		return "", "", fmt.Errorf("the peer answered %q", strings.SplitN(head, "\r\n", 2)[0])
	}
	return peer.String(), body, nil
}

func call(ctx context.Context, args []string) int {
	flags := flag.NewFlagSet("call", flag.ExitOnError)
	expect := flags.String("expect", "", "SPIFFE ID of the server")
	timeout := flags.Duration("timeout", 10*time.Second, "how long to wait")
	address := target(flags, args)
	id, err := spiffeid.FromString(*expect)
	if err != nil {
		return fail(err)
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	source, err := workloadapi.NewX509Source(ctx)
	if err != nil {
		return fail(err)
	}
	defer source.Close()
	peer, me, err := request(ctx, source, address, id)
	if err != nil {
		return fail(err)
	}
	say("answer", event{"peer": peer, "me": me})
	return 0
}

type counts struct {
	sync.Mutex
	Calls     int    `json:"calls"`
	Failed    int    `json:"failed"`
	LastError string `json:"last_error"`
}

func load(ctx context.Context, args []string) int {
	flags := flag.NewFlagSet("load", flag.ExitOnError)
	expect := flags.String("expect", "", "SPIFFE ID of the server")
	every := flags.Duration("every", 100*time.Millisecond, "pause between requests")
	stats := flags.String("stats", ":8080", "address of the counters")
	address := target(flags, args)
	id, err := spiffeid.FromString(*expect)
	if err != nil {
		return fail(err)
	}
	source, err := workloadapi.NewX509Source(ctx)
	if err != nil {
		return fail(err)
	}
	defer source.Close()
	var seen counts
	go func() {
		_ = http.ListenAndServe(*stats, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			seen.Lock()
			defer seen.Unlock()
			_ = json.NewEncoder(w).Encode(&seen)
		}))
	}()
	tick := time.NewTicker(*every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			seen.Lock()
			say("counts", event{"calls": seen.Calls, "failed": seen.Failed, "last_error": seen.LastError})
			seen.Unlock()
			return 0
		case <-tick.C:
			callCtx, cancel := context.WithTimeout(ctx, 5*time.Second)
			_, _, err := request(callCtx, source, address, id)
			cancel()
			if ctx.Err() != nil {
				continue
			}
			seen.Lock()
			seen.Calls++
			if err != nil {
				seen.Failed++
				seen.LastError = err.Error()
			}
			seen.Unlock()
			if err != nil {
				fail(err)
			}
		}
	}
}

func socket(_ context.Context, args []string) int {
	flags := flag.NewFlagSet("socket", flag.ExitOnError)
	dir := flags.String("dir", "/spiffe-workload-api", "folder of the volume")
	_ = flags.Parse(args)
	var folder, file syscall.Stat_t
	if err := syscall.Stat(*dir, &folder); err != nil {
		return fail(err)
	}
	if err := syscall.Stat(*dir+"/api.sock", &file); err != nil {
		return fail(err)
	}
	writable := os.WriteFile(*dir+"/written", nil, 0o600) == nil
	say("socket", event{"folder_inode": folder.Ino, "socket_inode": file.Ino, "writable": writable})
	return 0
}
