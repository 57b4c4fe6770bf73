// reach is the lab's own test program: what a pod can reach by name.
//
//	reach serve NAME   answers every request on :8080 with NAME
//	reach URL          prints the answer of URL, or the error and exit code 1
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"
)

func main() {
	log.SetFlags(0)
	switch {
	case len(os.Args) == 3 && os.Args[1] == "serve":
		log.Fatal(http.ListenAndServe(":8080", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintln(w, os.Args[2])
		})))
	case len(os.Args) == 2:
		client := http.Client{Timeout: 5 * time.Second}
		r, err := client.Get(os.Args[1])
		if err != nil {
			log.Fatal(err)
		}
		defer r.Body.Close()
		if _, err := io.Copy(os.Stdout, r.Body); err != nil {
			log.Fatal(err)
		}
	default:
		log.Fatal("usage: reach serve NAME | reach URL")
	}
}
