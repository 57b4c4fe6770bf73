package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
)

// runImage writes an image of one layer as an OCI layout in a tar, from local files alone:
//
//	kubelab image --name signet.dev/test/pause:1 --out pause.tar --entry /pause ./pause=/pause
//
// Each argument is SOURCE=/path/in/the/image (a folder is taken whole) or "->TARGET=/path" for a symbolic link. Execute bits are kept, owners
// and times are not: everything belongs to root and is from 1970, so equal input gives an equal image.
func runImage(args []string) int {
	fl := flag.NewFlagSet("image", flag.ExitOnError)
	name := fl.String("name", "", "image name with tag")
	out := fl.String("out", "", "tar to write")
	entry := fl.String("entry", "", "entry point, its words separated by blanks")
	user := fl.String("user", "", "user, or user:group, the image runs as (default root)")
	check(fl.Parse(args))
	if *name == "" || *out == "" || fl.NArg() == 0 {
		log.Print("usage: kubelab image --name NAME:TAG --out FILE [--entry COMMAND] [--user UID[:GID]] SOURCE=/PATH|->TARGET=/PATH...")
		return 2
	}

	l := newLayer()
	for _, a := range fl.Args() {
		// The last '=' divides: a path in an image has none, a local path might.
		i := strings.LastIndex(a, "=")
		if i <= 0 || !path.IsAbs(a[i+1:]) {
			log.Printf("%q is not SOURCE=/path/in/the/image", a)
			return 2
		}
		if target, ok := strings.CutPrefix(a[:i], "->"); ok {
			check(l.link(target, path.Clean(a[i+1:])))
		} else {
			check(l.add(a[:i], path.Clean(a[i+1:])))
		}
	}
	check(l.w.Close())
	config := object{
		"Entrypoint": strings.Fields(*entry),
		"Env":        []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
		"WorkingDir": "/",
	}
	if *user != "" {
		config["User"] = *user
	}
	// Written beside and then renamed, so that a killed run leaves no half an image under the name.
	part := *out + ".part"
	f, err := os.Create(part)
	check(err)
	writeLayout(f, *name, config, l.buf.Bytes())
	check(f.Close())
	check(os.Rename(part, *out))
	return 0
}

// layer is a tar of files that makes each parent folder once.
type layer struct {
	buf  bytes.Buffer
	w    *tar.Writer
	dirs map[string]bool
}

func newLayer() *layer {
	l := &layer{dirs: map[string]bool{"/": true}}
	l.w = tar.NewWriter(&l.buf)
	check(l.dir("/tmp", 0o1777))
	return l
}

func (l *layer) dir(p string, mode int64) error {
	if l.dirs[p] {
		return nil
	}
	if err := l.dir(path.Dir(p), 0o755); err != nil {
		return err
	}
	l.dirs[p] = true
	return l.w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: p[1:] + "/", Mode: mode})
}

func (l *layer) link(target, p string) error {
	if err := l.dir(path.Dir(p), 0o755); err != nil {
		return err
	}
	return l.w.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: p[1:], Linkname: target, Mode: 0o777})
}

func (l *layer) file(src, p string, mode fs.FileMode) error {
	b, err := os.ReadFile(src)
	if err != nil {
		return err
	}
	if err := l.dir(path.Dir(p), 0o755); err != nil {
		return err
	}
	if err := l.w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: p[1:], Mode: int64(mode.Perm()), Size: int64(len(b))}); err != nil {
		return err
	}
	_, err = l.w.Write(b)
	return err
}

// add takes a file, or a folder with all below it. A relative link inside a folder stays a link; an absolute one names a place on this machine
// that the image does not have, so what it names is taken in its stead.
func (l *layer) add(src, dst string) error {
	src, err := filepath.EvalSymlinks(src)
	if err != nil {
		return err
	}
	return filepath.WalkDir(src, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := path.Join(dst, strings.TrimPrefix(p, src))
		if e.Type()&fs.ModeSymlink != 0 {
			target, err := os.Readlink(p)
			if err != nil {
				return err
			}
			if !path.IsAbs(target) {
				return l.link(target, to)
			}
			return l.add(p, to)
		}
		info, err := e.Info()
		switch {
		case err != nil:
			return err
		case info.IsDir():
			return l.dir(to, int64(info.Mode().Perm()))
		case info.Mode().IsRegular():
			return l.file(p, to, info.Mode())
		}
		return fmt.Errorf("%s is neither a file nor a folder nor a link", p)
	})
}

type object map[string]any

// writeLayout writes the OCI layout of an image whose manifest names it, the way containerd's import looks for it.
func writeLayout(f *os.File, name string, config object, layer []byte) {
	w := tar.NewWriter(f)
	put := func(n string, b []byte) {
		check(w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: n, Mode: 0o644, Size: int64(len(b))}))
		_, err := w.Write(b)
		check(err)
	}
	text := func(v any) []byte {
		b, err := json.Marshal(v)
		check(err)
		return b
	}
	blob := func(mediaType string, b []byte) object {
		sum := sha256.Sum256(b)
		digest := hex.EncodeToString(sum[:])
		put("blobs/sha256/"+digest, b)
		return object{"mediaType": "application/vnd.oci.image." + mediaType, "digest": "sha256:" + digest, "size": len(b)}
	}
	put("oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`))
	l := blob("layer.v1.tar", layer)
	c := blob("config.v1+json", text(object{
		"architecture": runtime.GOARCH, "os": "linux", "config": config,
		"rootfs": object{"type": "layers", "diff_ids": []any{l["digest"]}},
	}))
	m := blob("manifest.v1+json", text(object{
		"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": c, "layers": []any{l},
	}))
	m["annotations"] = object{
		"io.containerd.image.name":          name,
		"org.opencontainers.image.ref.name": name[strings.LastIndex(name, ":")+1:],
	}
	put("index.json", text(object{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": []any{m}}))
	check(w.Close())
}
