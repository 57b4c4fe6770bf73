package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"flag"
	"fmt"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// runPKI writes all keys and certificates of a lab: its CA, the API server's serving certificate, the ServiceAccount key pair, a client
// certificate with kubeconfig per component, and per node a client and a serving certificate.
//
//	kubelab pki --dir D --api 10.200.0.1 --service 10.96.0.1 --node node-a=10.200.0.11 --node node-b=10.200.0.12
func runPKI(args []string) int {
	fl := flag.NewFlagSet("pki", flag.ExitOnError)
	dir := fl.String("dir", "", "folder to write")
	api := fl.String("api", "", "address of the API server")
	service := fl.String("service", "", "address of the Service kubernetes.default")
	nodes := map[string]string{}
	fl.Func("node", "NAME=ADDRESS, once per node", func(s string) error {
		name, address, ok := strings.Cut(s, "=")
		if !ok {
			return fmt.Errorf("%q is not NAME=ADDRESS", s)
		}
		nodes[name] = address
		return nil
	})
	check(fl.Parse(args))
	if *dir == "" || *api == "" || *service == "" || len(nodes) == 0 {
		log.Print("usage: kubelab pki --dir DIR --api ADDRESS --service ADDRESS --node NAME=ADDRESS...")
		return 2
	}
	check(os.MkdirAll(*dir, 0o755))

	a := newAuthority(*dir, "https://"+net.JoinHostPort(*api, "6443"))
	a.server("apiserver", "kube-apiserver", nil, *api, "127.0.0.1", *service, "localhost",
		"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local")
	a.client("apiserver-kubelet-client", "kube-apiserver-kubelet-client", "system:masters")
	a.client("admin", "lab-admin", "system:masters")
	a.client("coredns", "lab-coredns", "system:masters")
	a.client("front-proxy-client", "front-proxy-client")
	a.client("controller-manager", "system:kube-controller-manager")
	a.client("scheduler", "system:kube-scheduler")
	a.client("kube-proxy", "system:kube-proxy")
	for name, address := range nodes {
		a.client("kubelet-"+name, "system:node:"+name, "system:nodes")
		a.server("kubelet-"+name+"-serving", "system:node:"+name, []string{"system:nodes"}, name, address)
	}

	key, err := rsa.GenerateKey(rand.Reader, 2048)
	check(err)
	a.write("sa.key", "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	check(err)
	a.write("sa.pub", "PUBLIC KEY", public)
	return 0
}

// authority is the CA of one lab.
type authority struct {
	dir, url string
	key      *ecdsa.PrivateKey
	cert     *x509.Certificate
}

func newAuthority(dir, url string) *authority {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	t := template("lab-ca", nil)
	t.IsCA, t.BasicConstraintsValid = true, true
	t.KeyUsage |= x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	check(err)
	cert, err := x509.ParseCertificate(der)
	check(err)
	a := &authority{dir: dir, url: url, key: key, cert: cert}
	a.write("ca.crt", "CERTIFICATE", der)
	a.writeKey("ca.key", key)
	return a
}

func (a *authority) server(file, name string, groups []string, names ...string) {
	t := template(name, groups)
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, n)
		}
	}
	a.issue(file, t)
}

func (a *authority) client(file, user string, groups ...string) {
	t := template(user, groups)
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	cert, key := a.issue(file, t)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
	text := base64.StdEncoding.EncodeToString
	check(os.WriteFile(filepath.Join(a.dir, file+".kubeconfig"), fmt.Appendf(nil, `apiVersion: v1
kind: Config
current-context: lab
clusters: [{name: lab, cluster: {server: "%s", certificate-authority-data: %s}}]
users: [{name: %s, user: {client-certificate-data: %s, client-key-data: %s}}]
contexts: [{name: lab, context: {cluster: lab, user: "%s"}}]
`, a.url, text(ca), `"`+user+`"`, text(cert), text(key), user), 0o600))
}

func (a *authority) issue(file string, t *x509.Certificate) (cert, key []byte) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	der, err := x509.CreateCertificate(rand.Reader, t, a.cert, &k.PublicKey, a.key)
	check(err)
	return a.write(file+".crt", "CERTIFICATE", der), a.writeKey(file+".key", k)
}

func (a *authority) writeKey(file string, k *ecdsa.PrivateKey) []byte {
	der, err := x509.MarshalECPrivateKey(k)
	check(err)
	return a.write(file, "EC PRIVATE KEY", der)
}

func (a *authority) write(file, kind string, der []byte) []byte {
	b := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	check(os.WriteFile(filepath.Join(a.dir, file), b, 0o600))
	return b
}

// template is valid for a year from a minute ago, so that a clock set back a little does no harm.
func template(name string, groups []string) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	check(err)
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name, Organization: groups},
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
}
