// Reads Kubernetes manifests from stdin, as one stream of YAML documents, and decodes each strictly into the type of its
// apiVersion and kind: an unknown field, a field twice, or a value of another type is an error. Types that Kubernetes
// itself does not have are named and not checked. Ends with 1 if a document is wrong.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
)

func main() {
	decoder := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	documents := yaml.NewYAMLReader(bufio.NewReader(os.Stdin))
	exit := 0
	for number := 1; ; number++ {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			os.Exit(exit)
		}
		if err == nil {
			_, kind, decodeErr := decoder.Decode(document, nil, nil)
			switch {
			case decodeErr == nil:
				fmt.Printf("checked %s\n", kind)
				continue
			case runtime.IsNotRegisteredError(decodeErr):
				fmt.Printf("not checked: %v\n", decodeErr)
				continue
			case runtime.IsMissingKind(decodeErr) && len(document) < 8:
				continue
			}
			err = decodeErr
		}
		exit = 1
		fmt.Fprintf(os.Stderr, "document %d: %v\n", number, err)
	}
}
