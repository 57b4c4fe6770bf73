// pause is process 1 of a pod sandbox: it holds the sandbox's namespaces open and waits for adopted children until it is told to stop.
//
// As "pause machine" it is process 1 of one of the lab's machines. Asked to end, it first asks every process of the machine to, as an orderly
// shutdown does, and goes when they have gone or after five seconds: the kernel then kills whatever is left in its process namespace.
package main

import (
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	machine := len(os.Args) > 1 && os.Args[1] == "machine"
	if machine && os.Getpid() != 1 {
		log.Fatal("pause machine is process 1 of a process namespace, or nothing")
	}
	stop := make(chan os.Signal, 8)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	child := make(chan os.Signal, 8)
	signal.Notify(child, syscall.SIGCHLD)
	var deadline <-chan time.Time
	for {
		select {
		case <-stop:
			if !machine {
				return
			}
			if deadline == nil {
				deadline = time.After(5 * time.Second)
				// In a process namespace -1 means all of its processes but process 1.
				if syscall.Kill(-1, syscall.SIGTERM) == syscall.ESRCH {
					return
				}
			}
		case <-child:
			if reap() && deadline != nil {
				return
			}
		case <-deadline:
			return
		}
	}
}

// reap waits for the children that have ended; true means that none is left.
func reap() bool {
	for {
		pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return true
		}
		if pid == 0 {
			return false
		}
	}
}
